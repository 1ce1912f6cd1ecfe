/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The built-in iSCSI portal (RFC 7143): listens, logs initiators in, and carries commands between
 * them and the device server. It needs no privilege and no kernel module.
 *
 * Error recovery level 0, one connection per session. A session is one nexus per LUN, which the
 * backend makes when the session opens and takes away after it has closed.
 *
 * Threads: a few network threads, each with its own connections. The backend's functions are called
 * on them and must not wait for files, hosts or the catalog.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct portal;
struct scsi_nexus;

enum {
	PORTAL_NAME_MAX = 224, /* an iSCSI name and its NUL (RFC 7143 4.2.7.1) */
	PORTAL_SECRET_MAX = 256,
	PORTAL_ISID_LENGTH = 6,
	PORTAL_LUNS_MAX = 256,
	PORTAL_NEXUS_NAME_MAX = PORTAL_NAME_MAX + 16,
};

/* Why a login ends: class in the high byte, detail in the low one (RFC 7143 11.13.5). */
enum portal_status {
	PORTAL_STATUS_SUCCESS = 0x0000,
	PORTAL_STATUS_INITIATOR_ERROR = 0x0200,
	PORTAL_STATUS_AUTHENTICATION_FAILED = 0x0201,
	PORTAL_STATUS_AUTHORIZATION_FAILED = 0x0202,
	PORTAL_STATUS_NOT_FOUND = 0x0203,
	PORTAL_STATUS_REMOVED = 0x0204,
	PORTAL_STATUS_UNSUPPORTED_VERSION = 0x0205,
	PORTAL_STATUS_TOO_MANY_CONNECTIONS = 0x0206,
	PORTAL_STATUS_MISSING_PARAMETER = 0x0207,
	PORTAL_STATUS_CANNOT_INCLUDE = 0x0208,
	PORTAL_STATUS_SESSION_TYPE = 0x0209,
	PORTAL_STATUS_NO_SESSION = 0x020a,
	PORTAL_STATUS_INVALID_REQUEST = 0x020b,
	PORTAL_STATUS_TARGET_ERROR = 0x0300,
	PORTAL_STATUS_UNAVAILABLE = 0x0301,
	PORTAL_STATUS_OUT_OF_RESOURCES = 0x0302,
};

/* Who wants in. What it points at is valid during the call. */
struct portal_login {
	const char *initiator; /* its iSCSI name, as it says */
	const char *target;    /* NULL: a discovery session */
	const char *address;   /* of the peer, numeric, without the port */
	uint8_t isid[PORTAL_ISID_LENGTH];
	/* What `admit` said, which it has fulfilled since; NULL before that. */
	const struct portal_admission *admission;
};

/* What the backend says to that. */
struct portal_admission {
	enum portal_status status;
	bool chap;                        /* CHAP is required */
	char user[PORTAL_SECRET_MAX];     /* the initiator's */
	char secret[PORTAL_SECRET_MAX];   /* the initiator's */
	char own_user[PORTAL_SECRET_MAX]; /* "": no mutual CHAP; else our answer to its question */
	char own_secret[PORTAL_SECRET_MAX]; /* must differ from `secret` */
};

struct portal_lun {
	uint16_t number;          /* 0..16383 */
	struct scsi_nexus *nexus; /* this session's alone */
};

/* Made by `open`, the backend's until `closed`. */
struct portal_session {
	void *cookie;
	unsigned lun_count;
	struct portal_lun luns[PORTAL_LUNS_MAX]; /* ascending */
};

struct portal_backend {
	/* Calls `each` for every target that this initiator may see. */
	void (*targets)(void *context, const struct portal_login *login,
		void (*each)(void *each_context, const char *target), void *each_context);
	/* Asked once per login, before anything else is told to the initiator. ret is zeroed. */
	void (*admit)(
		void *context, const struct portal_login *login, struct portal_admission *ret);
	/*
	 * The initiator is who it says. A former session of the same initiator, ISID and target
	 * has been closed before. Anything but success refuses the login; no `closed` follows then.
	 */
	enum portal_status (*open)(
		void *context, const struct portal_login *login, struct portal_session *ret);
	/*
	 * The session is gone, by logout, loss or reinstatement; all its commands are complete. The
	 * nexuses have lost their initiator (SAM-5 6.3.4) and are the backend's to destroy.
	 *
	 * quiet: because the portal stops, and nothing was under way: no task, and the initiator
	 * had acknowledged every status (ExpStatSN). It has missed nothing and knows where the
	 * devices are, so that it may come back to the next daemon as if nothing had happened.
	 */
	void (*closed)(void *context, struct portal_session *session, bool quiet);
};

/*
 * Memory: a command has a buffer for all of its data from the time that the data may come until it
 * is written or sent. Of many queued WRITEs of 8 MiB two have one: a session takes
 * session_out_bytes for Data-Out, as much for Data-In by session_in_bytes, and the first command of
 * each further LUN; the others wait for memory without their data, or, when they bring some
 * unasked, end with TASK SET FULL. Commands of tape drives take at most three quarters of in_bytes
 * and of out_bytes.
 *
 * 0 everywhere: the default. Who talks but takes nothing of what is queued for it is given as long
 * as who is silent: twice ping_seconds.
 */
struct portal_limits {
	unsigned sessions;          /* 256 */
	unsigned connections;       /* with those that are not logged in yet; twice `sessions` */
	unsigned tasks;             /* per session and LUN, then TASK SET FULL; 256 */
	unsigned login_seconds;     /* from connect to full feature phase; 15 */
	unsigned ping_seconds;      /* of silence until a NOP-In, and again until it is over; 30 */
	unsigned settle_ms;         /* of a stop, for what is under way; 1000 */
	uint32_t command_bytes;     /* data of one command; 32 MiB */
	uint64_t session_in_bytes;  /* Data-In not sent yet, per session; 16 MiB */
	uint64_t session_out_bytes; /* Data-Out, per session; 16 MiB */
	uint64_t in_bytes;          /* of all sessions; 256 MiB */
	uint64_t out_bytes;         /* of all sessions; 128 MiB */
};

struct portal_config {
	const char *const *listen; /* "192.0.2.1:3260", "[::1]:3260", "[::]:0" */
	unsigned listen_count;
	unsigned threads; /* 0: one per CPU, at most 4 */
	struct portal_limits limits;
	const struct portal_backend *backend;
	void *context;
	/* Any thread; one line without a newline. May be NULL. */
	void (*log)(void *context, const char *line);
};

/* Binds the addresses. CONFIGURATION: one is not an address, in use, or not ours. */
struct portal *portal_create(const struct portal_config *config, struct error *error);
/* From now on initiators are served. */
bool portal_start(struct portal *portal, struct error *error);
/*
 * Listens no more, and closes every session: as soon as nothing is under way, after a second in any
 * case. Initiators are told, and come back by themselves when there is a portal again. Waits until
 * the last session is closed.
 */
void portal_stop(struct portal *portal);
/* Stops. Waits until nobody refers to a command any more. NULL is allowed. */
void portal_destroy(struct portal *portal);

/* Tells and closes the sessions of a target (which is going away); does not wait for it. */
void portal_close_target(struct portal *portal, const char *target);

/* The address that is listened on, with the port that was found for 0. */
const char *portal_address(const struct portal *portal, unsigned index);
unsigned portal_session_count(struct portal *portal);
/* Bytes of data buffers in use: 0 when nothing is in flight. */
uint64_t portal_memory(struct portal *portal);
