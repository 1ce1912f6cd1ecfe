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

enum { EXPORTER_INITIATOR_MAX = 224 }; /* with NUL */

struct exporter_config {
	/* A shown drive failed under us; from a ring worker; `context` is of the request. */
	void (*failed)(void *context, const char *reason);
};

/* KERNEL_TARGET, PERMISSION: says what is missing and what to do. */
struct exporter *exporter_create(const struct exporter_config *config, struct error *error);
void exporter_destroy(struct exporter *exporter);
/*
 * Takes down what an earlier daemon left: targets (by iSCSI name) and devices that nobody claims.
 * Both lists end with NULL.
 */
void exporter_remove_orphans(struct exporter *exporter, const char *const *keep_targets,
	const char *const *keep_devices);

/* Who is at the ends of the nexus of a drive with this serial number, shown or not. */
void exporter_port(const char *serial, struct scsi_port *ret);

struct export_request {
	const char *name;
	const char *serial;
	struct scsi_nexus *nexus;
	bool clean;      /* go on at the tail of the ring */
	bool remote;     /* not to this machine: a target of exporter_target_show has it */
	bool sequential; /* a tape drive: writes are not sent again, blocks come with sense */
	void *context;
	/* Instead of exporter_config.failed; NULL: that one. */
	void (*failed)(void *context, const char *reason);
};

/* A device that another program made for a drive of ours, as tcmu/foreign.h says. */
struct exporter_foreign {
	unsigned hba;
	char device[256]; /* core/user_HBA/DEVICE */
	char drive[64];
	char nexus[288];
	bool enabled;         /* false: the kernel is not done with it */
	struct error problem; /* code ERROR_NONE, or why it cannot be served */
};

/* All of these block; never from a ring worker. */
struct export *exporter_show(
	struct exporter *exporter, const struct export_request *request, struct error *error);
/* Those that are there now. */
void exporter_foreign_each(struct exporter *exporter,
	void (*each)(void *context, const struct exporter_foreign *foreign), void *context);
/* Serves it; name and serial of the request mean nothing. It ends with one of the next two. */
struct export *exporter_attach(struct exporter *exporter, const struct exporter_foreign *foreign,
	const struct export_request *request, struct error *error);
/* Its hosts are answered BUSY from now on; not for one that is on its way out (export_release). */
void export_abandon(struct export *export);
/* Tells, from some thread and without end, that there may be others or fewer; NULL: no more. */
void exporter_watch(struct exporter *exporter, void (*changed)(void *context), void *context);
/* Tells once more in so many milliseconds; the last call counts. */
void exporter_watch_again(struct exporter *exporter, unsigned milliseconds);

/* ---- targets of the kernel's own iSCSI, as tcmu/iscsi_target.h says -------------------------- */

struct exporter_lun {
	uint16_t lun;
	struct export *export; /* of a `remote` request */
};

struct exporter_host {
	const char *initiator; /* its iSCSI name; NULL: anybody, and then it is the only host */
	const struct exporter_lun *luns;
	unsigned lun_count;
};

struct exporter_target {
	const char *name;           /* its iSCSI name */
	const char *const *portals; /* ends with NULL */
	const struct exporter_host *hosts;
	unsigned host_count;
	const char *chap_user, *chap_secret, *mutual_user, *mutual_secret; /* "": none */
};

struct exporter_session {
	uint64_t id; /* another one is another session */
	char isid[16], address[64];
	bool ending; /* the connection is gone, and the kernel waits for commands of it */
};

/* One caller at a time. */
bool exporter_target_available(struct exporter *exporter, struct error *error);
/* Makes it, or makes of it what is asked for; disturbs only hosts that differ. */
bool exporter_target_show(
	struct exporter *exporter, const struct exporter_target *target, struct error *error);
/* Ends its sessions. Its exports stay; one that is not there is passed over. */
bool exporter_target_hide(struct exporter *exporter, const char *name, struct error *error);

/*
 * Beside all others, from one thread. 1: it is logged in. 0: it is not. -errno: nobody knows.
 */
int exporter_target_session(struct exporter *exporter, const char *name, const char *initiator,
	struct exporter_session *ret);
/*
 * Who is logged in to a target for anybody. Returns how many there are, also beyond `capacity`;
 * -errno: nobody knows.
 */
int exporter_target_strangers(struct exporter *exporter, const char *name,
	char (*ret)[EXPORTER_INITIATOR_MAX], unsigned capacity);

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
