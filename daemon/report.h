/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What carouseld says of itself instead of serving: read by people, and by carousel doctor. Each
 * changes nothing and returns what the process exits with; what is wrong is two lines on stderr,
 * the sentence and what to do about it. `config_path` as config_load takes it.
 */
#pragma once

/* Whether it can be read, with the files of secrets that it names. Says nothing if so. */
int report_check_config(const char *config_path);

/* The daemon's own settings as they are in force, as a configuration file, on stdout. */
int report_show_config(const char *config_path);

/*
 * One line on stdout: "FILE is sound" or "FILE is not there yet". Reads the whole file, beside a
 * daemon that writes it.
 */
int report_check_catalog(const char *config_path);
