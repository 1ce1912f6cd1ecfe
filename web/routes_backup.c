/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/library.h"
#include "routes.h"

void get_backup(struct request *request, struct answer *answer)
{
	struct operation *operation = request_wait(request, answer);
	if (operation)
		library_backup(request->library, request->actor, operation_done, operation);
}
