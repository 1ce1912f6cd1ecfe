/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Linux kernel target as a transport: TCMU devices, the workers that serve their rings, and the
 * fabrics that show them to hosts. One TCMU device is one nexus, because a ring carries no
 * initiator.
 *
 * Threads: tcmu_transport owns a fixed set of epoll workers that serve rings. All functions that
 * touch configfs (attach, detach, adopt) block and must never be called from such a worker.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "scsi/lu.h"
#include "util/error.h"

struct tcmu_transport;
struct tcmu_device;

/*
 * The longest Data-In or Data-Out of a command over loopback, in bytes: 256 pages, which is all
 * that tcm_loop takes. The blocks of a tape drive can be no longer.
 */
enum { TCMU_TRANSFER_MAX = 1 << 20 };

struct tcmu_config {
	unsigned workers;       /* 0: one per CPU, at most 4 */
	const char *configfs;   /* "/sys/kernel/config"; a test may give another tree */
	const char *hba_prefix; /* NULL: "user_" */
	/* Once per failed device, from a worker: its ring was corrupt, or removed under us. */
	void (*failed)(void *context, const char *reason);
};

/*
 * Checks that the kernel can do it (modules, configfs mounted, permission) and says what to do when
 * not: KERNEL_TARGET or PERMISSION. Loads target_core_user and tcm_loop by modprobe when needed.
 */
bool tcmu_available(const struct tcmu_config *config, struct error *error);

struct tcmu_transport *tcmu_transport_create(const struct tcmu_config *config, struct error *error);
/* Every device has been detached or released. Stops the workers. */
void tcmu_transport_destroy(struct tcmu_transport *transport);

struct tcmu_device_config {
	const char *name;   /* of the backstore, [a-z0-9._-], "dvd0" or "dvd0.host1" */
	const char *serial; /* wwn/vpd_unit_serial */
	struct scsi_nexus *nexus;
	unsigned data_area_mb; /* per class: 16 for an optical drive or a tape drive */
	/*
	 * The device returns data together with CHECK CONDITION, and tells lengths by residuals:
	 * a tape drive does, for every block that is shorter than the host asked for (SSC-4 6.3).
	 * A kernel that takes no length of Data-In would hand out the sense without the block, or a
	 * block with zeros behind it: it is refused (KERNEL_TARGET).
	 */
	bool data_with_sense;
	bool clean; /* the last daemon left a clean mark: go on at the tail; else block and reset */
	/* Instead of tcmu_config.failed for this device; NULL: that one. */
	void (*failed)(void *context, const char *reason);
	void *context;         /* for whichever */
	unsigned reset_action; /* when not clean: 1 optical (BUSY, hosts retry), 2 tape (fails) */
};

/*
 * Makes the backstore, or adopts the one that an earlier daemon left (same name), opens its ring
 * and serves it. `ret_adopted`: it was there already. A backstore of that name that another program
 * made for something else is refused; one that it made for a drive of ours is passed over.
 */
struct tcmu_device *tcmu_device_attach(struct tcmu_transport *transport,
	const struct tcmu_device_config *config, bool *ret_adopted, struct error *error);

/*
 * Who is at the ends of the loopback nexus of the drive with this serial number: the SAS
 * TransportID that tcm_loop makes of the name written to its `nexus` attribute.
 */
void tcmu_loopback_port(const char *serial, struct scsi_port *ret);

/* Shows the device over loopback, one tpgt per LUN; does nothing if it already is. */
bool tcmu_loopback_export(struct tcmu_device *device, struct error *error);

/*
 * Where the loopback LUN is, "0:0:1:0" (host:channel:target:lun), and once a driver has made its
 * block device "0:0:1:0 sr0". False: it is not exported, or does not fit.
 */
bool tcmu_loopback_address(struct tcmu_device *device, char *ret, size_t size);

/*
 * Stops serving and leaves the kernel objects for the next daemon. Drained: no command is in
 * flight. The ring stays unblocked, commands queue until the next daemon. Frees the device.
 */
void tcmu_device_release(struct tcmu_device *device);

/*
 * Unexports, removes the backstore, frees the device. Only when the drive itself goes. False: some
 * other fabric shows it, or it could not be unexported; the device is as alive and served as before
 * (its nexus must stay), though perhaps no longer shown over loopback.
 */
bool tcmu_device_remove(struct tcmu_device *device, struct error *error);

/* Stop taking new commands from the ring and wait until none is in flight; false after timeout. */
bool tcmu_device_drain(struct tcmu_device *device, unsigned timeout_ms);

/*
 * Removes what an earlier daemon left and no drive claims (with our mark only, and only what nobody
 * serves). `keep` ends with NULL. Returns how many.
 */
unsigned tcmu_remove_orphans(struct tcmu_transport *transport, const char *const *keep);

struct tcmu_counters {
	uint64_t wakeups; /* reads of the uio descriptor that returned an event */
	uint64_t kicks;   /* writes to it */
	uint64_t commands;
	uint64_t allocations; /* memory taken after start: growth of the slab, long iovecs */
};
void tcmu_device_counters(struct tcmu_device *device, struct tcmu_counters *ret);
