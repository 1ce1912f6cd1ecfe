/* SPDX-License-Identifier: Apache-2.0 */
#include "tls.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>

#include "certificate.h"
#include "util/cleanup.h"
#include "web.h"

/* By which a file that was written or replaced is known. */
struct stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct tls {
	struct web *web;
	char *certificate_path, *key_path;
	pthread_mutex_t lock; /* guards what follows */
	struct certificate *certificate;
	struct stamp stamps[2]; /* of the files when they were read last */
	time_t looked;          /* CLOCK_MONOTONIC */
};

static void look_at(const char *path, struct stamp *ret)
{
	struct stat st;
	memset(ret, 0, sizeof *ret); /* padding too: they are compared as bytes */
	if (stat(path, &st))
		return;
	ret->device = st.st_dev;
	ret->inode = st.st_ino;
	ret->size = st.st_size;
	ret->changed = st.st_ctim;
}

static void look_at_files(const struct tls *tls, struct stamp ret[2])
{
	look_at(tls->certificate_path, &ret[0]);
	look_at(tls->key_path, &ret[1]);
}

static void say(struct tls *tls, int priority, const char *text, const struct error *error)
{
	char line[768];
	snprintf(line, sizeof line, "%s%s%s%s%s", text, error ? ": " : "",
		error ? error->sentence : "", error ? ". " : "", error ? error->remedy : "");
	web_log(tls->web, priority, line);
}

static void warn_of_expiry(struct tls *tls)
{
	if (tls->certificate->expires <= time(NULL))
		say(tls, LOG_WARNING,
			"the certificate has expired: clients that look at it will refuse it",
			NULL);
}

/* It is used all the same: whoever has read it has it. */
static void warn_of_open_key(struct tls *tls)
{
	struct error error;
	error_set(&error, ERROR_CONFIGURATION,
		"Take that away with chmod o=; if there are others, have a new key.", "%.200s",
		tls->key_path);
	if (tls->certificate->key_is_open)
		say(tls, LOG_WARNING, "everybody on this machine may use the private key", &error);
}

/* Stamps from before the reading, so that what is written meanwhile is read again. Locked. */
static bool load(struct tls *tls, struct error *error)
{
	look_at_files(tls, tls->stamps);
	struct certificate *fresh = certificate_load(tls->certificate_path, tls->key_path, error);
	if (!fresh)
		return false;
	certificate_put(tls->certificate);
	tls->certificate = fresh;
	warn_of_expiry(tls);
	warn_of_open_key(tls);
	return true;
}

struct tls *tls_create(
	struct web *web, const char *certificate_path, const char *key_path, struct error *error)
{
	struct tls *tls = calloc(1, sizeof *tls);
	if (tls) {
		tls->web = web;
		tls->certificate_path = strdup(certificate_path);
		tls->key_path = strdup(key_path);
		pthread_mutex_init(&tls->lock, NULL);
	}
	if (!tls || !tls->certificate_path || !tls->key_path)
		error_set(error, ERROR_NO_MEMORY, "Free some memory.", "no memory for TLS");
	else if (load(tls, error))
		return tls;
	tls_destroy(tls);
	return NULL;
}

void tls_destroy(struct tls *tls)
{
	if (!tls)
		return;
	certificate_put(tls->certificate);
	pthread_mutex_destroy(&tls->lock);
	free(tls->certificate_path);
	free(tls->key_path);
	free(tls);
}

bool tls_reload(struct tls *tls, struct error *error)
{
	SCOPED_LOCK(&tls->lock);
	return load(tls, error);
}

int64_t tls_expires(struct tls *tls)
{
	SCOPED_LOCK(&tls->lock);
	return tls->certificate->expires;
}

/* At most once a second, and what is wrong is said once for each change. Locked. */
static void follow_files(struct tls *tls)
{
	struct stamp stamps[2];
	struct error error = {0};
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec == tls->looked)
		return;
	tls->looked = now.tv_sec;
	look_at_files(tls, stamps);
	if (memcmp(stamps, tls->stamps, sizeof stamps) == 0)
		return;
	if (load(tls, &error))
		say(tls, LOG_INFO, "the certificate was read again", NULL);
	else
		say(tls, LOG_ERR, "the certificate stays as it was", &error);
}

struct certificate *tls_certificate(struct tls *tls)
{
	SCOPED_LOCK(&tls->lock);
	follow_files(tls);
	return certificate_get(tls->certificate);
}
