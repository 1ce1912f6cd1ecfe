/* SPDX-License-Identifier: Apache-2.0 */
#include "token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "path.h"
#include "util/cleanup.h"
#include "util/error.h"

static bool cannot(const char *what, const char *path, struct error *error)
{
	return error_set(error, ERROR_PERMISSION,
		"Check that its directory exists and that carouseld may write there.",
		"cannot %s %.200s: %s", what, path, strerror(errno));
}

static bool generate(char ret[TOKEN_LENGTH + 1])
{
	uint8_t random[TOKEN_LENGTH / 2];
	if (getrandom(random, sizeof random, 0) != sizeof random)
		return false;
	for (unsigned i = 0; i < sizeof random; i++)
		snprintf(ret + 2 * i, 3, "%02x", random[i]);
	return true;
}

static bool write_new(const char *path, const char *token)
{
	unlink(path);
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd >= 0 && dprintf(fd, "%s\n", token) == TOKEN_LENGTH + 1 && fsync(fd) == 0;
}

/* Under another name first: whoever finds the file finds all of it. */
static bool create(const char *path, char ret[TOKEN_LENGTH + 1], struct error *error)
{
	char token[TOKEN_LENGTH + 1], new_path[PATH_MAX];
	int length = snprintf(new_path, sizeof new_path, "%s.new", path);
	if (length < 0 || (size_t)length >= sizeof new_path)
		errno = ENAMETOOLONG;
	else if (generate(token) && write_new(new_path, token) && rename(new_path, path) == 0) {
		memcpy(ret, token, sizeof token);
		return true;
	}
	return cannot("make", path, error);
}

static bool check_private(const char *path, int fd, struct error *error)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return cannot("examine", path, error);
	if (S_ISREG(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 077))
		return true;
	return error_set(error, ERROR_CONFIGURATION,
		"Remove the file; carouseld makes a new one that is private.",
		"%.200s is not a file that only its owner, the user of carouseld, can read", path);
}

static bool is_token(const char *text, size_t length)
{
	return length == TOKEN_LENGTH + 1 && text[TOKEN_LENGTH] == '\n' &&
	       strspn(text, "0123456789abcdef") == TOKEN_LENGTH;
}

bool token_load(const char *path, char ret[TOKEN_LENGTH + 1], struct error *error)
{
	char text[TOKEN_LENGTH + 3] = "";
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? create(path, ret, error) : cannot("open", path, error);
	if (!check_private(path, fd, error))
		return false;
	ssize_t length = read(fd, text, sizeof text - 1);
	if (length < 0)
		return cannot("read", path, error);
	if (!is_token(text, (size_t)length))
		return error_set(error, ERROR_CONFIGURATION,
			"Remove the file; carouseld makes a new one.",
			"%.200s does not hold one line of %d hexadecimal digits", path,
			TOKEN_LENGTH);
	memcpy(ret, text, TOKEN_LENGTH);
	ret[TOKEN_LENGTH] = 0;
	return true;
}

bool token_matches(const char token[TOKEN_LENGTH + 1], const char *given)
{
	size_t length = strlen(given);
	volatile unsigned char different = length != TOKEN_LENGTH;
	for (size_t i = 0; i < TOKEN_LENGTH; i++)
		different =
			(unsigned char)(different | (token[i] ^ (length ? given[i % length] : 0)));
	return !different;
}
