/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How drives are shown to hosts by the kernel. exporter_tcmu.c is the kernel target (LIO/TCMU);
 * exporter_none.c takes its place in a build without it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct export;
struct exporter;
struct scsi_nexus;
struct scsi_port;

struct exporter_config {
	/* A shown drive failed under us; from a ring worker; `context` is of the request. */
	void (*failed)(void *context, const char *reason);
};

/* KERNEL_TARGET, PERMISSION: says what is missing and what to do. */
struct exporter *exporter_create(const struct exporter_config *config, struct error *error);
void exporter_destroy(struct exporter *exporter);
/* Takes down what an earlier daemon left and no drive claims. `keep` ends with NULL. */
void exporter_remove_orphans(struct exporter *exporter, const char *const *keep);

/* Who is at the ends of the nexus of a drive with this serial number, shown or not. */
void exporter_port(const char *serial, struct scsi_port *ret);

struct export_request {
	const char *name;
	const char *serial;
	struct scsi_nexus *nexus;
	bool clean;      /* go on at the tail of the ring */
	bool sequential; /* a tape drive: writes are not sent again, blocks come with sense */
	void *context;
};

/* All of these block; never from a ring worker. */
struct export *exporter_show(
	struct exporter *exporter, const struct export_request *request, struct error *error);
bool export_drain(struct export *export, unsigned timeout_ms);
void export_release(struct export *export); /* the kernel's objects stay */
/* False: something else holds it (a LUN of another fabric, say); it is still there and served. */
bool export_remove(struct export *export, struct error *error);

/* Any thread. */
bool export_address(struct export *export, char *ret, size_t size); /* "0:0:1:0" */

struct export_counters {
	uint64_t wakeups, kicks, allocations;
};
void export_counters(struct export *export, struct export_counters *ret);
