/* SPDX-License-Identifier: Apache-2.0 */
/* A build without the portal: there is no door, and this says so. */
#include "portal_door.h"

#include "util/error.h"

struct portal_door *portal_door_create(
	struct library *library, const struct portal_settings *settings, struct error *error)
{
	error_set(error, ERROR_CONFIGURATION,
		"Build it with -Dportal=enabled, or leave listen empty.",
		"this carouseld was built without the iSCSI portal");
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
