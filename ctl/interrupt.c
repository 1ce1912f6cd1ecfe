/* SPDX-License-Identifier: Apache-2.0 */
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>

static volatile sig_atomic_t caught;

static void remember(int number)
{
	caught = number;
}

void interrupt_catch(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct sigaction old, new = {.sa_handler = remember,
					      .sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
		sigaction(numbers[i], NULL, &old);
		if (old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &new, NULL);
	}
}

bool interrupted(void)
{
	return caught;
}

void interrupt_end(void)
{
	if (!caught)
		return;
	fflush(NULL);
	signal(caught, SIG_DFL);
	raise(caught);
}
