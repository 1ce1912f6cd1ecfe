/* SPDX-License-Identifier: Apache-2.0 */
/* A portal for initiators that are programs: says where it is, and serves until its input ends. */
#include <stdio.h>

#include "library.h"

int main(void)
{
	struct fake_portal *fake = fake_portal_create(NULL);
	printf("%s\n", fake->address);
	fflush(stdout);
	while (getchar() != EOF)
		;
	fake_portal_destroy(fake);
	return 0;
}
