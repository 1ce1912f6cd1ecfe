/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The built-in iSCSI portal in front of the library's drives. portal_door.c; portal_door_none.c
 * takes its place in a build without the portal.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct error;
struct library;
struct portal_door;

struct portal_settings {
	const char *const *listen; /* "192.0.2.1:3260", "[::1]:3260"; port 0: any */
	unsigned listen_count;     /* 0: no portal */
	unsigned sessions;         /* limit; 0: the default */
};

/* False: this build has none, and none is made. */
bool portal_door_is_built(void);

/* Binds the addresses. CONFIGURATION: in use, or not ours. */
struct portal_door *portal_door_create(
	struct library *library, const struct portal_settings *settings, struct error *error);
/* Lets initiators in. */
bool portal_door_start(struct portal_door *door, struct error *error);
/* Tells initiators, closes every session and waits for that. NULL is allowed, as in the others. */
void portal_door_stop(struct portal_door *door);
void portal_door_destroy(struct portal_door *door);

/* Closes the sessions of a target; does not wait. */
void portal_door_close(struct portal_door *door, const char *target);
/* The addresses, separated by spaces; as many as fit whole. */
void portal_door_addresses(struct portal_door *door, char *ret, size_t size);
