/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Which program a process runs: caught when it is forked and when it executes something, so that
 * a process that is gone when somebody asks has been told. Tracepoints whose fields the loader has
 * compared with what is used here. */
#pragma once

#include "maps.h"

/* Where the registers of a process keep its stack pointer; 0: arguments cannot be caught here. */
const volatile __u32 stack_pointer_at = 0;

enum { THREAD = 0x10000 /* CLONE_THREAD */ };

struct new_task {
	__u64 common;
	__s32 process;
	char name[NAME];
	__u32 gap;
	__u64 clone_flags;
};

struct executed {
	__u64 common;
	/* Where the text is in this record: its length and its offset, sixteen bits each. */
	__u32 file;
	__s32 process;
};

SEC("tracepoint/task/task_newtask")
int forked(struct new_task *event)
{
	__u32 parent = current_process() >> 32;
	__u32 process = event->process;
	struct process child = { .parent = parent, .user = (__u32)current_user() };
	struct process *known;

	if (event->clone_flags & THREAD)
		return 0;
	child.forked = child.since = now();
	known = map_find(&processes, &parent);
	if (known) {
		child.program = known->program;
		child.program_since = known->program_since;
	}
	current_name(child.name, sizeof(child.name));
	if (map_put(&processes, &process, &child, BPF_ANY))
		lose(LOST_MAP);
	return 0;
}

/* The arguments lie on the new program's stack: their number, then where each of them is. */
INLINE void catch_arguments(struct program *program)
{
	struct {
		__u64 number;
		__u64 at[ARGUMENTS];
	} stack;
	void *registers = task_registers(current_task());
	__u64 pointer;
	int i;

	if (kernel_bytes(&pointer, sizeof(pointer), registers + stack_pointer_at) ||
	    user_bytes(&stack, sizeof(stack), (void *)pointer))
		return;
#pragma unroll
	for (i = 0; i < ARGUMENTS; i++) {
		if ((__u64)i >= stack.number || user_text(program->arguments[i], ARGUMENT, (void *)stack.at[i]) < 0)
			return;
	}
}

SEC("tracepoint/sched/sched_process_exec")
int executed(struct executed *event)
{
	__u32 zero = 0, process = current_process() >> 32;
	struct program *program = map_find(&draft, &zero);
	struct program_key key = { .process = process, .since = now() };
	struct process self = {}, *known;

	if (!program)
		return 0;
	__builtin_memset(program, 0, sizeof(*program));
	kernel_text(program->file, sizeof(program->file), (void *)event + (event->file & 0xffff));
	if (stack_pointer_at)
		catch_arguments(program);
	if (map_put(&programs, &key, program, BPF_ANY))
		lose(LOST_MAP);

	known = map_find(&processes, &process);
	if (known) {
		self.forked = known->forked;
		self.parent = known->parent;
	}
	self.since = self.program_since = key.since;
	self.program = process;
	self.user = (__u32)current_user();
	current_name(self.name, sizeof(self.name));
	if (map_put(&processes, &process, &self, BPF_ANY))
		lose(LOST_MAP);
	return 0;
}

APART int tell_program(__u32 id)
{
	struct process *process = map_find(&processes, &id);
	struct program_key key = {};
	struct program_record *record;
	struct program *program;

	if (!process)
		return 0;
	key.process = process->program;
	key.since = process->program_since;
	program = map_find(&programs, &key);
	record = ring_reserve(&ring, sizeof(*record), 0);
	if (!record) {
		lose(LOST_RING);
		return 0;
	}
	process->told = 1;
	record->kind = PROGRAM;
	record->process = id;
	record->since = process->since;
	record->parent = process->parent;
	record->user = process->user;
	record->known = program != 0;
	record->unused = 0;
	__builtin_memcpy(record->name, process->name, NAME);
	if (program)
		__builtin_memcpy(&record->program, program, sizeof(*program));
	else
		__builtin_memset(&record->program, 0, sizeof(*program));
	ring_submit(record, 0);
	return 0;
}

/* The process that acts now: remembered from here on where it is older than the watch. */
APART struct process *acting_process(__u32 id)
{
	struct process old = {}, *known = map_find(&processes, &id);

	if (known)
		return known;
	map_put(&processes, &id, &old, BPF_NOEXIST);
	return map_find(&processes, &id);
}

enum { CHAIN = 4 };

/* Tells a process that acts on a socket, and those that it descends from, unless they were told. */
APART int tell_chain(__u32 id)
{
	struct process *process = acting_process(id), *parent;
	__u32 above;
	int i;

	if (!process || process->told)
		return 0;
	process->user = (__u32)current_user();
	current_name(process->name, NAME);
	tell_program(id);
#pragma unroll
	for (i = 0; i < CHAIN; i++) {
		above = process->parent;
		parent = map_find(&processes, &above);
		/* A parent that began after its child is another process with the same number. */
		if (!parent || parent->told || parent->forked > process->forked)
			return 0;
		tell_program(above);
		process = parent;
	}
	return 0;
}
