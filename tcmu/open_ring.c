/* SPDX-License-Identifier: Apache-2.0 */
#include "open_ring.h"

#include <string.h>

#include "uio.h"

/* While it is open its number may go to another one, but what is open is still that of before. */
static bool has_still(const struct configfs *fs, const struct backstore *backstore, const char *uio)
{
	char now[64];
	return backstore_uio(fs, backstore, now, sizeof now, NULL) && strcmp(now, uio) == 0;
}

struct ring_port *open_ring(const struct configfs *fs, const struct backstore *backstore,
	unsigned busy_ms, struct error *error)
{
	char uio[64];
	if (!backstore_uio(fs, backstore, uio, sizeof uio, error))
		return NULL;
	struct ring_port *port = uio_open(fs->root, uio, busy_ms, error);
	if (!port || has_still(fs, backstore, uio))
		return port;
	port->ops->close(port);
	error_set(error, ERROR_KERNEL_TARGET, "If it is there again, systemctl reload carouseld.",
		"the device user_%u/%.64s was removed while its ring was opened", backstore->hba,
		backstore->name);
	return NULL;
}
