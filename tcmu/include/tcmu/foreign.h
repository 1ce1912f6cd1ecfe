/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices that others made (targetcli, scripts) for a drive of ours: their dev_config is
 * "carousel/DRIVE" or "carousel/DRIVE/NEXUS". They are served, and otherwise theirs: never made,
 * shown or removed by us.
 *
 * They are found by the names of the uio devices, "tcm-user/HBA/DEVICE/carousel/DRIVE[/NEXUS]",
 * whatever was said on the netlink group meanwhile: a message only says that it is time to look.
 * All functions but tcmu_watch read or write configfs and may block; never from a thread that
 * serves a ring.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"

struct tcmu_device;
struct tcmu_device_config;
struct tcmu_transport;

enum { TCMU_FOREIGN_DEVICE_MAX = 256, TCMU_FOREIGN_DRIVE_MAX = 64, TCMU_FOREIGN_NEXUS_MAX = 288 };

struct tcmu_foreign {
	unsigned hba;
	char device[TCMU_FOREIGN_DEVICE_MAX]; /* core/user_HBA/DEVICE; '?' for what cannot be
						 printed */
	char drive[TCMU_FOREIGN_DRIVE_MAX];
	char nexus[TCMU_FOREIGN_NEXUS_MAX]; /* NEXUS, or "HBA/DEVICE" */
	bool enabled; /* false: it is announced, and the kernel is not done with it */
	/* Code ERROR_NONE; else it is one for us and cannot be served, and why. */
	struct error problem;
};

/*
 * Reads the name of a uio device. False: not one with our subtype. NEXUS is up to 63 of letters,
 * digits, '.', '_', '-' and ':'.
 */
bool tcmu_foreign_parse(const char *name, struct tcmu_foreign *ret);

/* All that are there now and do not have our mark (backstore.h), in the order of their uio names.
 */
void tcmu_foreign_each(struct tcmu_transport *transport,
	void (*each)(void *context, const struct tcmu_foreign *foreign), void *context);

/*
 * Checks how it was made, mends what can be mended while it is there, opens its ring and serves it;
 * of the config, name, serial and data_area_mb mean nothing. KERNEL_TARGET: it is not served, and
 * nothing of its ring was touched; the remedy is commands. A device whose node udev has not made
 * yet is waited for, two seconds; one that is not enabled is not.
 */
struct tcmu_device *tcmu_foreign_attach(struct tcmu_transport *transport,
	const struct tcmu_foreign *foreign, const struct tcmu_device_config *config,
	struct error *error);

/*
 * The drive goes and the device stays: its hosts are answered BUSY from now on. Its directory must
 * not be on its way out: then tcmu_device_release.
 */
void tcmu_foreign_abandon(struct tcmu_device *device);

/*
 * Calls `changed` whenever a device came, went or was changed, or when that may have been missed:
 * from the netlink thread; must not block. NULL: no more, and no call is under way on return.
 */
void tcmu_watch(struct tcmu_transport *transport, void (*changed)(void *context), void *context);
/*
 * Calls `changed` once more in so many milliseconds, or when something else comes before: nothing
 * is said when a device has been enabled.
 */
void tcmu_watch_again(struct tcmu_transport *transport, unsigned milliseconds);
