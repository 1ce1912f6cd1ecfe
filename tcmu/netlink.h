/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A passive member of the multicast group on which the kernel announces TCMU devices (generic
 * netlink family TCM-USER, group "config").
 *
 * Nothing that is said there is needed: we make our devices ourselves. But the kernel refuses
 * writes to dev_config, dev_size and emulate_write_cache of a live device with ESRCH while nobody
 * listens, and `targetcli restoreconfig` makes such writes. Never answers and never sends
 * SET_FEATURES: that one is global, outlives its sender, and makes the kernel wait for answers
 * without end.
 */
#pragma once

struct netlink;

/* A thread that sleeps until something is said. NULL: not possible here, which nobody minds. */
struct netlink *netlink_create(void);
void netlink_destroy(struct netlink *netlink);
