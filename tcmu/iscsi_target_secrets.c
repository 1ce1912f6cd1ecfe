/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CHAP (RFC 7143 12.1.3) as LIO keeps it: four texts of up to 255 bytes, each any bytes, but that
 * one which begins with "NULL" means that there is none. Read back they have a newline behind them.
 * They are never part of an error: those are logged.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "iscsi_target_private.h"

#define NONE "NULL"

enum { SECRET_MIN = 12 }; /* RFC 7143 9.2.1: 96 bits */

/* ---- what is asked for --------------------------------------------------------------------- */

static bool check_text(const char *what, const char *text, struct error *error)
{
	if (strlen(text) > TCMU_ISCSI_SECRET_MAX)
		return error_set(error, ERROR_INVALID, "Use at most 255 bytes.",
			"the %s has %zu bytes", what, strlen(text));
	if (strncmp(text, NONE, strlen(NONE)) == 0)
		return error_set(error, ERROR_INVALID, "Use another one.",
			"the %s begins with \"" NONE "\", which the kernel takes for none", what);
	return true;
}

static bool check_pair(const char *whose, const char *user, const char *secret, struct error *error)
{
	char what[64];
	if (!user[0] != !secret[0])
		return error_set(error, ERROR_INVALID, "Give both or none.",
			"%s has a user without a secret, or a secret without a user", whose);
	snprintf(what, sizeof what, "user of %s", whose);
	if (!check_text(what, user, error))
		return false;
	snprintf(what, sizeof what, "secret of %s", whose);
	if (secret[0] && strlen(secret) < SECRET_MIN)
		return error_set(error, ERROR_INVALID, "Use 12 to 255 bytes (RFC 7143 9.2.1).",
			"the %s has %zu bytes", what, strlen(secret));
	return check_text(what, secret, error);
}

bool kernel_chap_check(const struct kernel_chap *chap, struct error *error)
{
	if (!check_pair("CHAP", chap->user, chap->secret, error) ||
		!check_pair("mutual CHAP", chap->mutual_user, chap->mutual_secret, error))
		return false;
	if (chap->mutual_user[0] && !chap->user[0])
		return error_set(error, ERROR_INVALID, "Give the initiator's user and secret too.",
			"mutual CHAP needs CHAP");
	if (chap->mutual_user[0] && strcmp(chap->secret, chap->mutual_secret) == 0)
		return error_set(error, ERROR_INVALID,
			"Use two different secrets (RFC 7143 9.2.1).",
			"the secrets of CHAP and mutual CHAP are the same");
	return true;
}

/* ---- what is there ------------------------------------------------------------------------- */

/* Whole, for a secret may have a newline in it. */
static bool read_text(const char *path, char *ret, size_t size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, size - 1);
	if (n < 0)
		return false;
	if (n > 0 && ret[n - 1] == '\n')
		n--;
	ret[n] = '\0';
	return true;
}

static bool is_written(const char *path, const char *text)
{
	char now[TCMU_ISCSI_SECRET_MAX + 16];
	if (!read_text(path, now, sizeof now))
		return false;
	bool none = !now[0] || strncmp(now, NONE, strlen(NONE)) == 0;
	bool same = text[0] ? strcmp(now, text) == 0 : none;
	explicit_bzero(now, sizeof now);
	return same;
}

static bool write_text(const struct kernel_target *target, const char *directory, const char *file,
	const char *text, struct error *error)
{
	char path[CONFIGFS_PATH_MAX];
	configfs_path(path, "%s/%s", directory, file);
	if (is_written(path, text))
		return true;
	int r = target->fs->ops->write(path, text[0] ? text : NONE);
	return r == 0 || configfs_fail(error, r, "write to", path);
}

bool kernel_chap_write(const struct kernel_target *target, const char *directory,
	const struct kernel_chap *chap, struct error *error)
{
	return write_text(target, directory, "userid", chap->user, error) &&
	       write_text(target, directory, "password", chap->secret, error) &&
	       write_text(target, directory, "userid_mutual", chap->mutual_user, error) &&
	       write_text(target, directory, "password_mutual", chap->mutual_secret, error);
}
