/* SPDX-License-Identifier: Apache-2.0 */
/* The media pools of the library that tests of the API and the command line talk to. */
#include <stdio.h>

#include "daemon/pools.h"

bool library_pool_at(struct library *library, unsigned index, struct library_pool *ret)
{
	static const struct library_pool pools[] = {
		{.path = "/srv/iso", .watch = "watched", .directories = 7},
	};
	(void)library;
	if (index >= sizeof pools / sizeof *pools)
		return false;
	*ret = pools[index];
	return true;
}

unsigned library_pool_rescan(struct library *library)
{
	(void)library;
	return 3600;
}
