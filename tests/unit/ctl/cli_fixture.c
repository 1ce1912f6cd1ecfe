/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "cli_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void read_all(const char *path, char *ret, size_t size)
{
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	size_t length = fread(ret, 1, size - 1, file);
	ret[length] = '\0';
	fclose(file);
	unlink(path);
}

void run_bare(const char *environment, const char *arguments, struct ran *ret)
{
	char out[] = "/tmp/carousel-out-XXXXXX", err[] = "/tmp/carousel-err-XXXXXX";
	char line[2048];
	close(mkstemp(out));
	close(mkstemp(err));
	snprintf(line, sizeof line,
		"env -u CAROUSEL_URL -u CAROUSEL_TOKEN -u CAROUSEL_CA_FILE -u NO_COLOR "
		"%s " CAROUSEL_BINARY " </dev/null >%s 2>%s %s",
		environment, out, err, arguments);
	int status = system(line);
	assert_true(WIFEXITED(status));
	ret->exit = WEXITSTATUS(status);
	read_all(out, ret->out, sizeof ret->out);
	read_all(err, ret->err, sizeof ret->err);
}

void run_carousel(const struct fixture *fixture, const char *environment, const char *arguments,
	struct ran *ret)
{
	char all[1024];
	snprintf(all, sizeof all, "--socket %s %s", fixture->socket_path, arguments);
	run_bare(environment, all, ret);
}
