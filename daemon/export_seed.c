/* SPDX-License-Identifier: Apache-2.0 */
#include "export_seed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access.h"
#include "util/cleanup.h"
#include "util/error.h"

static const char separators[] = " \t,";

static bool fail(const struct config_export *config, const char *remedy, const char *what,
	const char *value, struct error *error)
{
	return error_set(error, ERROR_CONFIGURATION, remedy, "[export %s]: %s \"%.150s\"",
		config->name, what, value);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static bool parse_lun(const char *text, size_t length, uint16_t *ret)
{
	if (length < 1 || length > 5 || strspn(text, "0123456789") != length)
		return false;
	unsigned long number = strtoul(text, NULL, 10);
	*ret = (uint16_t)number;
	return number <= UINT16_MAX;
}

/* "DRIVE", or "LUN:DRIVE". A drive alone gets the number of its place. */
static bool take_lun(const struct config_export *config, const char *word,
	struct library_export_put *put, struct error *error)
{
	if (put->lun_count == LIBRARY_EXPORT_LUNS_MAX)
		return fail(config, "Use at most 256.", "too many LUNs; the first too many is",
			word, error);
	struct library_export_lun *lun = &put->luns[put->lun_count];
	const char *colon = strchr(word, ':'), *drive = colon ? colon + 1 : word;
	lun->lun = (uint16_t)put->lun_count;
	if (colon && !parse_lun(word, (size_t)(colon - word), &lun->lun))
		return fail(config, "Use DRIVE, or LUN:DRIVE with a LUN of 0 to 16383.", "luns has",
			word, error);
	snprintf(lun->drive, sizeof lun->drive, "%s", drive);
	put->lun_count++;
	return true;
}

static bool take_luns(
	const struct config_export *config, struct library_export_put *put, struct error *error)
{
	_cleanup_free_ char *copy = strdup(config->luns);
	char *rest = copy, *word;
	while (copy && (word = strsep(&rest, separators)))
		if (word[0] && !take_lun(config, word, put, error))
			return false;
	return copy != NULL;
}

static bool take_rules(const struct config_export *config, const char *words,
	struct library_rules *ret, struct error *error)
{
	_cleanup_free_ char *copy = strdup(words);
	char *rest = copy, *word;
	while (copy && (word = strsep(&rest, separators))) {
		if (!word[0])
			continue;
		if (ret->count == LIBRARY_EXPORT_RULES_MAX)
			return fail(config,
				"Use at most 32 of each kind; * and networks cover many.",
				"too many rules; the first too many is", word, error);
		if (strlen(word) >= LIBRARY_RULE_MAX)
			return fail(config, "Shorten it.", "a rule is too long:", word, error);
		strcpy(ret->rules[ret->count++], word);
	}
	return copy != NULL;
}

/* ---- secrets --------------------------------------------------------------------------------- */

static bool cannot_read(const struct config_export *config, const char *path, struct error *error)
{
	return error_set(error, ERROR_CONFIGURATION,
		"Name a file that carouseld can read, with the secret in one line.",
		"[export %s]: cannot read the secret in %.150s: %s", config->name, path,
		strerror(errno));
}

/* One line; what ends it does not count. */
static bool read_secret(const struct config_export *config, const char *path,
	char ret[LIBRARY_SECRET_MAX], struct error *error)
{
	struct stat st;
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return cannot_read(config, path, error);
	if (!S_ISREG(st.st_mode) || st.st_mode & 077)
		return fail(config, "Make it a file that only its owner can read (chmod 600).",
			"others may read the secret in", path, error);
	ssize_t length = read(fd, ret, LIBRARY_SECRET_MAX);
	if (length < 0)
		return cannot_read(config, path, error);
	if (length == LIBRARY_SECRET_MAX)
		return fail(config, "Use a secret of 12 to 255 bytes.",
			"there is more than a secret in", path, error);
	ret[length] = '\0';
	ret[strcspn(ret, "\r\n")] = '\0';
	return true;
}

static bool take_secret(const struct config_export *config, const char *path,
	char ret[LIBRARY_SECRET_MAX], const char **ret_pointer, struct error *error)
{
	if (!path[0])
		return true;
	*ret_pointer = ret;
	return read_secret(config, path, ret, error);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static bool take_text(const struct config_export *config, const char *text, char *ret, size_t size,
	struct error *error)
{
	if (strlen(text) >= size)
		return fail(config, "Shorten it.", "a name is too long:", text, error);
	strcpy(ret, text);
	return true;
}

bool export_seed_read(
	const struct config_export *config, struct export_seed *ret, struct error *error)
{
	struct library_export_put *put = &ret->put;
	memset(ret, 0, sizeof *ret);
	put->open = config->open;
	return take_text(config, config->name, put->name, sizeof put->name, error) &&
	       take_text(config, config->target, put->target, sizeof put->target, error) &&
	       take_text(config, config->transport, put->transport, sizeof put->transport, error) &&
	       take_text(config, config->chap_user, put->chap_user, sizeof put->chap_user, error) &&
	       take_text(config, config->mutual_user, put->mutual_user, sizeof put->mutual_user,
		       error) &&
	       take_luns(config, put, error) &&
	       take_rules(config, config->initiators, &put->initiators, error) &&
	       take_rules(config, config->networks, &put->networks, error) &&
	       take_secret(config, config->chap_secret_file, ret->chap_secret, &put->chap_secret,
		       error) &&
	       take_secret(config, config->mutual_secret_file, ret->mutual_secret,
		       &put->mutual_secret, error);
}

void export_seed_finish(struct export_seed *seed)
{
	explicit_bzero(seed, sizeof *seed);
}

/* ---- names ----------------------------------------------------------------------------------- */

/* The first part of the host's name, in the characters of an iSCSI name. */
static void host_label(char *ret, size_t size)
{
	if (gethostname(ret, size) < 0)
		ret[0] = '\0';
	ret[size - 1] = '\0';
	ret[strcspn(ret, ".")] = '\0';
	access_iscsi_name_normalize(ret);
	for (char *c = ret; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", *c))
			*c = '-';
	if (!ret[0])
		snprintf(ret, size, "localhost");
}

void export_seed_default_prefix(char *ret, size_t size)
{
	char host[64];
	host_label(host, sizeof host);
	snprintf(ret, size, "iqn.2026-01.local.%s", host);
}
