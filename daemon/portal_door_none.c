/* SPDX-License-Identifier: Apache-2.0 */
/* A build without the portal: there is no door. */
#include "portal_door.h"

bool portal_door_is_built(void)
{
	return false;
}

struct portal_door *portal_door_create(
	struct library *library, const struct portal_settings *settings, struct error *error)
{
	return NULL;
}

bool portal_door_start(struct portal_door *door, struct error *error)
{
	return true;
}

void portal_door_stop(struct portal_door *door)
{
}

void portal_door_destroy(struct portal_door *door)
{
}

void portal_door_close(struct portal_door *door, const char *target)
{
}

void portal_door_addresses(struct portal_door *door, char *ret, size_t size)
{
	ret[0] = '\0';
}
