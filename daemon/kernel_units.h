/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hosts of an export of the kernel's, and their units: a device and a nexus in front of each
 * drive. Only kernel_exports.c uses this; control thread, unless said otherwise.
 */
#pragma once

#include "kernel_exports.h"

bool kernel_row_shows(const struct catalog_export *row, const struct drive *drive);

/*
 * Before the library runs and before what hosts know was read: the nexuses of one drive. (After
 * that want makes what is missing.)
 */
void kernel_units_enter(struct kernel_exports *kernel, struct kernel_export *export,
	const struct catalog_export *row, struct drive *drive);

/* Marks what the row wants, and makes what is missing but for the device. False: not all. */
bool kernel_units_want(struct kernel_exports *kernel, struct kernel_export *export,
	const struct catalog_export *row, struct error *error);
void kernel_units_want_none(struct kernel_export *export);
/* The devices of all that is wanted; those whose ring failed anew. False: not all. */
bool kernel_units_attach(
	struct kernel_exports *kernel, struct kernel_export *export, struct error *error);
/* Removes what is not wanted, which no target shows any more. False: something is still there. */
bool kernel_units_remove(
	struct kernel_exports *kernel, struct kernel_export *export, struct error *error);

bool kernel_units_any_shown(const struct kernel_export *export);
/* It is wanted, and has a device. */
bool kernel_host_is_shown(const struct kernel_host *host);
/* Showing the export takes it away, for good or to make it again. */
bool kernel_host_differs(const struct kernel_host *host);

/* The target was shown as planned. */
void kernel_units_shown(struct kernel_export *export);

/* What the exporter is to show. */
struct kernel_plan {
	struct exporter_host *hosts;
	struct exporter_lun *luns;
	unsigned host_count;
};

bool kernel_plan_make(struct kernel_plan *plan, struct kernel_export *export);
void kernel_plan_finish(struct kernel_plan *plan);

/* From `count` on; returns the new count, at most `capacity`. */
unsigned kernel_units_devices(struct kernel_export *export, char (*ret)[KERNEL_DEVICE_MAX],
	unsigned capacity, unsigned count);
bool kernel_units_drain(struct kernel_export *export, unsigned timeout_ms);
void kernel_units_release(struct kernel_export *export);
/* At the end: it is no loss, for the next daemon knows them. */
void kernel_units_destroy(struct kernel_export *export);
