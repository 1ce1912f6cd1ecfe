/* SPDX-License-Identifier: Apache-2.0 */
/* What the initiators of the benchmarks share: sessions of libiscsi, clocks, processor time. */
#pragma once

#include <stdint.h>
#include <time.h>

struct iscsi_context;

/* Prints why, with what libiscsi says of `iscsi` (NULL: nothing), and ends the program. */
_Noreturn void die(const char *what, struct iscsi_context *iscsi);

/* A session with the target of iscsi://ADDRESS/TARGET/LUN, under the initiator's name. */
struct iscsi_context *open_session(const char *initiator, const char *url, int *ret_lun);

uint64_t clock_ns(clockid_t which);

/* Processor time of a process so far: what the kernel accounts to its threads that are alive. */
uint64_t process_ns(const char *pid);

/* The value at that part of `count` values, which are sorted by this. */
double quantile(uint32_t *values, uint64_t count, double part);
