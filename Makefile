# The ways into netmonitor. What they do is in scripts/.
.DEFAULT_GOAL := help
.PHONY: help run demo test fuzz soak bench lint macos-check bpf

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

run: ## install what is missing, build, watch this machine's network (sudo for the binary only)
	@scripts/run.sh

demo: ## the same on an invented workstation's traffic; needs no root
	@scripts/demo.sh

test: ## install what tests need, run everything (at most 25 minutes on two cores)
	@scripts/test.sh

fuzz: ## look for inputs that break a parser: 20 minutes each of ten targets, two at a time on two cores
	@scripts/fuzz.sh

soak: ## the sampled tests at their full sizes (hours)
	@scripts/soak.sh

bench: ## time, instruction counts, and the comparison with other tools
	@scripts/bench.sh

lint: ## formatting, clippy, shellcheck, licences
	@scripts/test.sh format clippy supply shell

macos-check: ## lint and link the macOS code on Linux
	@scripts/macos-check.sh

bpf: ## make the kernel's part of finding owners again, after a change in bpf/ (needs clang)
	@scripts/bpf.sh
