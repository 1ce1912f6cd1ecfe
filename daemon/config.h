/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration file: settings of the daemon, and a seed of drives and exports that are made
 * when they are missing. Changing or dropping one is not its business.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "log.h"

struct error;

#define CONFIG_PATH_DEFAULT "/etc/carousel/carousel.conf"

/* To this machine; automatic: where there is the kernel target. */
enum config_shown { SHOWN_AUTO, SHOWN_LOOPBACK, SHOWN_NONE };

/* A section [drive NAME]. */
struct config_drive {
	char *name; /* valid as the name of a drive, and unique */
	char *personality;
	enum config_shown shown;
	char *medium; /* an id or a path; "" is none */
};

/* A section [export NAME]. Lists are words separated by spaces or commas, of all lines together. */
struct config_export {
	char *name;   /* valid as the name of an export, and unique */
	char *target; /* "" is the default */
	char *luns;   /* "dvd0 dvd1", or "0:dvd0 5:dvd1" */
	char *initiators, *networks;
	char *chap_user, *chap_secret_file, *mutual_user, *mutual_secret_file;
	bool open;
	char *transport; /* "portal", "kernel" */
};

enum config_kernel_target { KERNEL_TARGET_AUTO, KERNEL_TARGET_YES, KERNEL_TARGET_NO };

struct config {
	char *state_dir; /* directories and files are absolute */
	char *runtime_dir;
	enum log_level log_level;
	char *socket;
	char *socket_group; /* "" is none */
	char *listen_host;  /* a numeric address, "" when TCP is off */
	uint16_t listen_port;
	char *token_file;
	char *tls_certificate, *tls_key; /* "": no TLS */
	bool allow_unencrypted;
	char *hosts; /* names, separated by spaces */
	unsigned connections, connections_per_address, requests_per_second; /* of TCP */
	char **pools;
	unsigned pool_count;
	bool pool_watch;
	unsigned pool_rescan_s; /* 0: never */
	bool pool_auto_import;
	uint64_t upload_limit; /* bytes; 0: any */
	uint64_t pool_reserve; /* bytes that uploads leave free */
	char *tape_dir;        /* a pool besides, in which the daemon writes */
	enum config_kernel_target kernel_target;
	char **portal_listen; /* numeric, "ADDRESS:PORT" or "[ADDRESS]:PORT" */
	unsigned portal_listen_count;
	bool portal_remote; /* one of them is not loopback */
	char *portal_prefix;
	bool portal_allow_open;
	unsigned portal_sessions;
	char **kernel_listen; /* of the kernel's own iSCSI, as portal_listen */
	unsigned kernel_listen_count;
	bool kernel_remote;
	struct config_drive *drives;
	unsigned drive_count;
	struct config_export *exports;
	unsigned export_count;
};

/*
 * `path` NULL: the defaults. CONFIGURATION names file, line and key, and what is known instead. On
 * failure there is nothing to finish.
 */
bool config_load(struct config *config, const char *path, struct error *error);
void config_finish(struct config *config);

/* Whether it is a drive of this machine too. */
bool config_drive_loopback(const struct config_drive *drive, bool kernel_target);

/*
 * A configuration of nothing but where media may be, for config_path_in_pools; config_finish in any
 * case. False: out of memory.
 */
bool config_copy_pools(const struct config *config, struct config *ret);
/* `config` gets the media pools of `fresh`, which gets its. */
void config_swap_pools(struct config *config, struct config *fresh);

/* A file in which every key stands with its help and its default, commented out. */
void config_print_sample(FILE *file);

/*
 * The settings of the daemon itself, without drives and exports, with absolute paths: a
 * configuration file that says the same.
 */
void config_print(const struct config *config, FILE *file);

/*
 * May the image at `path` be added? `ret_real` is where it really is, free of symbolic links and
 * "..": open that. INVALID (not absolute), FILE_MISSING, FILE_UNREADABLE, FILE_OUTSIDE_POOLS.
 */
bool config_path_in_pools(const struct config *config, const char *path, char ret_real[PATH_MAX],
	struct error *error);
