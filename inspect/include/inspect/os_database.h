/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operating systems that osinfo-db describes: which identifiers their discs have. Its XML files
 * are read when they are first needed, and once. A build without libexpat or PCRE2 has the
 * functions and a database that knows nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct os_database;

/* Where Debian's package, and what an administrator imported, are; what both say counts. */
#define OS_DATABASE_DIRECTORIES ((const char *const[]){"/usr/share/osinfo", "/etc/osinfo", NULL})

/*
 * `directories` ends with NULL and is copied; one that is not there is none. Damaged files in them
 * are passed over, and so is what is too much to be true: files of more than 1 MiB, more than
 * 65536 rules. NULL when there is no memory.
 */
struct os_database *os_database_create(const char *const *directories);
void os_database_destroy(struct os_database *database);
/* How many rules there are; reads the files. Any thread. */
size_t os_database_rules(struct os_database *database);
