/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration file: settings of the daemon, and a seed of drives that are made when they are
 * missing. Changing or dropping a drive is not its business.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "log.h"

struct error;

#define CONFIG_PATH_DEFAULT "/etc/carousel/carousel.conf"

/* A section [drive NAME]. */
struct config_drive {
	char *name; /* valid as the name of a drive, and unique */
	char *personality;
	bool loopback;
	char *medium; /* an id or a path; "" is none */
};

struct config {
	char *state_dir; /* directories and files are absolute */
	char *runtime_dir;
	enum log_level log_level;
	char *socket;
	char *socket_group; /* "" is none */
	char *listen_host;  /* a numeric loopback address, "" when TCP is off */
	uint16_t listen_port;
	char *token_file;
	char **pools;
	unsigned pool_count;
	struct config_drive *drives;
	unsigned drive_count;
};

/*
 * `path` NULL: the defaults. CONFIGURATION names file, line and key, and what is known instead. On
 * failure there is nothing to finish.
 */
bool config_load(struct config *config, const char *path, struct error *error);
void config_finish(struct config *config);

/* A file in which every key stands with its help and its default, commented out. */
void config_print_sample(FILE *file);

/*
 * May the image at `path` be added? `ret_real` is where it really is, free of symbolic links and
 * "..": open that. INVALID (not absolute), FILE_MISSING, FILE_UNREADABLE, FILE_OUTSIDE_POOLS.
 */
bool config_path_in_pools(const struct config *config, const char *path, char ret_real[PATH_MAX],
	struct error *error);
