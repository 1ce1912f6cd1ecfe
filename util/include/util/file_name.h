/* SPDX-License-Identifier: Apache-2.0 */
/* Names for files that are made under another one, so that they are there whole or not at all. */
#pragma once

/*
 * Renames without putting it over another, as well as the file system can: in one step, in two with
 * links, or else by looking first. -EEXIST, or what the kernel says.
 */
int file_name_give(const char *from, const char *to);
