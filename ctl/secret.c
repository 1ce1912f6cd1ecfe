/* SPDX-License-Identifier: Apache-2.0 */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "util/cleanup.h"

static volatile sig_atomic_t caught; /* a signal that came while the terminal was quiet */

/* All there is, at most `size` bytes; -1 with errno. */
static ssize_t read_all(int fd, char *ret, size_t size)
{
	size_t length = 0;
	while (length < size) {
		ssize_t count = read(fd, ret + length, size - length);
		if (count < 0 && errno == EINTR && !caught)
			continue;
		if (count < 0)
			return -1;
		if (!count || (isatty(fd) && memchr(ret + length, '\n', (size_t)count)))
			return (ssize_t)length + count;
		length += (size_t)count;
	}
	return (ssize_t)length;
}

static void catch (int number)
{
	caught = number;
}

/* What ends the program does so after the terminal has its echo back. */
static ssize_t read_quietly(const struct termios *old, char *ret, size_t size)
{
	const struct sigaction action = {.sa_handler = catch};
	struct sigaction interrupt, terminate;
	struct termios quiet = *old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	sigaction(SIGINT, &action, &interrupt);
	sigaction(SIGTERM, &action, &terminate);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	ssize_t length = read_all(STDIN_FILENO, ret, size);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, old);
	fputc('\n', stderr);
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGTERM, &terminate, NULL);
	if (caught)
		raise(caught);
	return length;
}

/* Without an echo. */
static ssize_t ask(const char *whose, char *ret, size_t size)
{
	struct termios old;
	if (tcgetattr(STDIN_FILENO, &old))
		return -1;
	fprintf(stderr, "Secret of %s: ", whose);
	fflush(stderr);
	return read_quietly(&old, ret, size);
}

static ssize_t read_from(const char *path, const char *whose, char *ret, size_t size)
{
	if (strcmp(path, "-") == 0)
		return isatty(STDIN_FILENO) ? ask(whose, ret, size)
					    : read_all(STDIN_FILENO, ret, size);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -1 : read_all(fd, ret, size);
}

/* The length of the only line; what ends it does not count. */
static size_t line_length(const char *text, size_t length)
{
	if (length && text[length - 1] == '\n')
		length--;
	if (length && text[length - 1] == '\r')
		length--;
	return length;
}

static bool judge(const char *path, const char *text, size_t length, struct error *error)
{
	const char *name = strcmp(path, "-") ? path : "stdin";
	if (!length)
		return error_set(error, ERROR_INVALID, "Put 12 to 255 bytes there.",
			"there is no secret in %s", name);
	if (length >= SECRET_MAX || memchr(text, '\n', length) || memchr(text, '\0', length))
		return error_set(error, ERROR_INVALID, "Put one line of 12 to 255 bytes there.",
			"there is more than a secret in %s", name);
	return true;
}

static enum exit_code refuse(const char *path, struct error *error)
{
	enum exit_code code = errno == ENOENT ? EXIT_NOT_FOUND : EXIT_FAILED;
	error_set(error, ERROR_INVALID,
		"Name a file that you can read, with the secret in one line.",
		"cannot read the secret in %s: %s", path, strerror(errno));
	return code;
}

enum exit_code secret_try(
	const char *path, const char *whose, char ret[SECRET_MAX], struct error *error)
{
	char text[SECRET_MAX + 2]; /* with what ends the longest line */
	ssize_t count = read_from(path, whose, text, sizeof text);
	if (count < 0)
		return refuse(path, error);
	size_t length = line_length(text, (size_t)count);
	bool ok = judge(path, text, length, error);
	if (ok)
		snprintf(ret, SECRET_MAX, "%.*s", (int)length, text);
	explicit_bzero(text, sizeof text);
	return ok ? EXIT_OK : EXIT_USAGE;
}

enum exit_code secret_read(const char *path, const char *whose, char ret[SECRET_MAX])
{
	struct error error;
	enum exit_code code = secret_try(path, whose, ret, &error);
	return code ? complain(code, error.remedy, "%s", error.sentence) : EXIT_OK;
}

/* It becomes a part of a header, which a line break would end. */
enum exit_code secret_check_token(const char *token)
{
	for (; token && *token; token++)
		if (*token <= ' ' || *token > '~')
			return complain(EXIT_USAGE,
				"Put the one line that carousel token create printed into "
				"CAROUSEL_TOKEN, or into the file of --token-file.",
				"the token has a character in it that no token has");
	return EXIT_OK;
}
