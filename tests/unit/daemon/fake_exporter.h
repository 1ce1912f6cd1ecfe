/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exporter.h without a kernel, in place of daemon/exporter_*.c: it counts, and fails when it is
 * told to. What is left of an export after its drive is gone fails in AddressSanitizer.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "exporter.h"

enum { FAKE_FOREIGN_MAX = 8, FAKE_DEVICES_MAX = 32, FAKE_TARGETS_MAX = 8, FAKE_HOSTS_MAX = 8 };

/* A device for a host of a target: it stays when a daemon goes. */
struct fake_device {
	char name[64]; /* "": none */
	char serial[64];
	bool served;
	void (*failed)(void *context, const char *reason);
	void *context;
};

struct fake_target {
	char name[224]; /* "": none */
	char chap_user[256], portal[64];
	unsigned host_count;
	struct fake_host {
		char initiator[224];      /* "": anybody */
		unsigned lun_count, made; /* how often it was made anew */
		uint16_t luns[FAKE_HOSTS_MAX];
		char devices[FAKE_HOSTS_MAX][64];
		struct exporter_session session; /* id 0: none */
	} hosts[FAKE_HOSTS_MAX];
	unsigned stranger_count;
};

struct exporter {
	atomic_bool refuse_show, refuse_drain, refuse_remove, hold;
	atomic_uint shown, drained, released, removed, orphans_kept, held;
	atomic_bool clean; /* of the last one that was shown or attached */

	atomic_bool refuse_attach, keep_disabled;  /* those that come */
	atomic_uint attached, abandoned, again_ms; /* when it was to tell again */
	pthread_mutex_t lock;
	struct exporter_foreign foreign[FAKE_FOREIGN_MAX]; /* free while device is "" */
	void (*changed)(void *context);
	void *context;

	/* The kernel's own iSCSI; all with `lock`. */
	struct fake_device devices[FAKE_DEVICES_MAX];
	struct fake_target targets[FAKE_TARGETS_MAX];
	unsigned steps;      /* that changed something so far */
	unsigned fail_from;  /* this step and all after it fail; 0: none */
	bool refuse_targets; /* show and hide */
	bool no_iscsi;       /* it is not available */
	int blind;           /* not 0: -errno of every look at who is logged in */
	char trace[8192];    /* "+dvd0.0123 show:iqn.… hide:iqn.… -dvd0.0123 " */
};

/* While `hold`; counted in `held`. */
void fake_wait_while_held(struct exporter *exporter);
/* What is there under that name, as it is now. False: nothing. */
bool fake_target_find(struct exporter *exporter, const char *name, struct fake_target *ret);
unsigned fake_device_count(struct exporter *exporter);
/* Who is logged in from now on; id 0: nobody. */
void fake_session_set(struct exporter *exporter, const char *target, const char *initiator,
	const struct exporter_session *session);
/* Not 0: -errno of every look at who is logged in. */
void fake_sight_set(struct exporter *exporter, int status);
void fake_strangers_set(struct exporter *exporter, const char *target, unsigned count);
/* exporter_remove_orphans. */
void fake_kernel_sweep(struct exporter *exporter, const char *const *keep_targets,
	const char *const *keep_devices);
/* Of a `remote` request. NULL: refused. */
struct fake_device *fake_device_show(
	struct exporter *exporter, const struct export_request *request);
void fake_ring_fail(struct exporter *exporter, const char *name);
const char *fake_export_device(const struct export *export);
bool fake_device_remove(struct exporter *exporter, struct fake_device *device);

/* A device of another program comes, and goes. */
void fake_exporter_put(
	struct exporter *exporter, const char *device, const char *drive, const char *nexus);
void fake_exporter_take(struct exporter *exporter, const char *device);
/* It is enabled from now on, and nobody is told. */
void fake_exporter_enable(struct exporter *exporter, const char *device);
/* That there may be others or fewer. */
void fake_exporter_tell(struct exporter *exporter);
