/* SPDX-License-Identifier: Apache-2.0 */
/*
 * carousel doctor: what is wrong with the library and the machine under it, and the command that
 * mends it. Looks, and changes nothing. What only root may see is said to have been left out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cli.h"
#include "doctor_findings.h"
#include "doctor_machine.h"
#include "doctor_settings.h"

/* ---- what the daemon says ----------------------------------------------------------------------
 */

/* What later looks at the machine want to know of it. */
struct daemon_said {
	bool answers;
	bool uses_kernel; /* drives are shown through the kernel target */
	unsigned nexuses; /* hosts in front of drives, each drive counted */
	unsigned drives;
	json_t *drives_answer, *exports_answer; /* of GET /drives and /exports; NULL */
};

/* Its drives, exports and media. A daemon that does not answer is a finding too. */
void doctor_daemon(struct findings *findings, const struct cli *cli, struct daemon_said *ret);
void daemon_said_finish(struct daemon_said *said);

/* Until when that of the API is good, of what GET /status says; `now`: seconds since the epoch. */
void doctor_certificate(struct findings *findings, const json_t *health, long long now);

/* How the daemon notices what happens in the pools, by its status. */
void doctor_pools(struct findings *findings, const json_t *health);

/* The files of media, where they are of this machine. */
void doctor_media(struct findings *findings, const struct cli *cli);

/* ---- what the machine says ---------------------------------------------------------------------
 */

/* What carouseld itself finds in its configuration, and in its catalog. */
void doctor_configuration(const struct machine *machine, const struct program *program);
void doctor_catalog(const struct machine *machine, const struct program *program,
	const struct settings *settings);

/* Who has the ports that the daemon wants. */
void doctor_ports(const struct machine *machine, const struct settings *settings);

/* Directories: there, to be read by the daemon, room on them, what file systems they are on. */
void doctor_storage(const struct machine *machine, const struct settings *settings);

/* Free room on a file system that the daemon writes or reads; sizes in bytes. */
void doctor_room(const struct machine *machine, const char *subject, const char *path,
	unsigned long long available, unsigned long long size);

/* How many files the running daemon may open. */
void doctor_files(const struct machine *machine, const struct settings *settings,
	const struct daemon_said *said);

/* Modules, configfs and the parameters of the kernel target; who waits in it for ever. */
void doctor_kernel(const struct machine *machine);

/* Our devices in the kernel target that nobody serves, and what is missing there. */
void doctor_devices(const struct machine *machine, const struct daemon_said *said);

/* Other programs that use the kernel target: tcmu-runner, targetcli. */
void doctor_neighbours(const struct machine *machine, const struct daemon_said *said);
