# Three commands do everything on a machine with Python 3.11 or newer:
#   make demo    set up and run the demonstration     (FAULT=navigation:abort:207 shows a recovery)
#   make test    set up and run all tests
#   make ros2    put a real ROS 2 Jazzy into .ros2; then: source .ros2/setup.bash, or make demo ROS=jazzy
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Tests and the demo keep to this machine.
export ROS_AUTOMATIC_DISCOVERY_RANGE ?= LOCALHOST

# What runs on ROS=jazzy is started with the real ROS 2 of .ros2 sourced.
ROS ?=
ifneq ($(filter-out jazzy,$(ROS)),)
$(error ROS=$(ROS) is not there: leave it out for the embedded runtime, or say ROS=jazzy for a real ROS 2)
endif
ON_ROS = $(if $(ROS),source .ros2/setup.bash &&)

.PHONY: docs page pictures setup ros2 demo fleet-demo test test-ros2 lint unit simulate chaos chaos-fleet soak fuzz bench bench-embedded bench-engine bench-fleet bench-fleet-one bench-monitoring bench-ros bench-scheduling bench-prestaging bench-peers clean

setup: $(VENV)/.installed

$(VENV)/.installed: setup.py setup.cfg pyproject.toml constraints.txt embedded/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing; on Debian: apt install python3-venv"; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ./embedded -e '.[tracing,test]'
	@touch $@

# What was made before is used: a second call takes a second.
ros2: setup
	@$(BIN)/python embedded/tools/real_ros2 .ros2

demo: setup $(if $(ROS),ros2)
	@$(ON_ROS) $(BIN)/ros2 run execution_orchestrator demo $(if $(FAULT),--fault $(FAULT)) $(if $(PLAN),--plan $(PLAN)) $(DEMO_ARGS)

# A Temporal server, five simulated robots, a mission of twelve tasks; two processes are killed on the way.
fleet-demo: setup
	@$(BIN)/ros2 run execution_orchestrator fleet_demo $(DEMO_ARGS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file embedded/mypy.ini
	$(BIN)/lint-imports
	$(BIN)/lint-imports --config embedded/.importlinter

# What starts real processes runs files side by side, each on DDS domains of its own, and is tried again if it
# fails: discovery and timeouts are real, and the machines that run tests are shared. On Fast DDS it is three files
# on two cores: most of that time is waiting, for discovery, for the death of a server to be noticed, for a drive. Of the others some talk
# to a database or an HTTP server in a process or thread of its own: they are tried once more. Reruns are
# named at the end and counted in the last line.
#
# The process tests of the node and the simulated robot run on a real ROS 2 with Fast DDS, the middleware of a robot
# as it comes; the launch tests on the embedded runtime as well. Fast DDS uses UDP alone: a process that is
# killed leaves its shared memory behind. Where there can be no real ROS 2 (status 3: no wheels for this machine,
# which it has said), everything runs on the embedded runtime.
PROCESSES := $(BIN)/python -m pytest -q -rfERs --dist loadfile --reruns 2 --reruns-delay 1 --durations=15
ON_REAL := test/integration test/launch
IN_BROWSER := $(addprefix test/unit/monitoring/web/,test_page.py test_console.py test_pictures.py test_plan_editor.py test_runs.py test_scale.py test_sign_in.py)
ON_EMBEDDED := test/launch test/integration/ros/test_howto.py test/conformance/test_ros2_command.py test/conformance/test_dds_endpoints.py test/conformance/test_interfaces_beside_real_ros2.py embedded/test $(IN_BROWSER)
REAL := (source .ros2/setup.bash && FASTDDS_BUILTIN_TRANSPORTS=UDPv4 $(PROCESSES) -n 3 $(ON_REAL))
test: lint
	$(BIN)/python -m pytest -q -rfERs -n 2 --dist loadgroup --reruns 1 --reruns-delay 1 test/unit test/property test/simulation test/conformance/test_interfaces.py $(IN_BROWSER:%=--ignore=%)
	@$(BIN)/python embedded/tools/real_ros2 .ros2; case $$? in \
	  0) $(REAL) && $(PROCESSES) -n 2 $(ON_EMBEDDED) ;; \
	  3) $(PROCESSES) -n 2 test/integration $(ON_EMBEDDED) ;; \
	  *) exit 1 ;; \
	esac

test-ros2: ros2
	$(REAL)

# The documentation as a site in output/site, with the references that are made from the sources.
docs: setup
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# The pictures of README and docs, from a demonstration that runs: needs Chromium. They are committed.
pictures: setup
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m documentation.pictures

unit: setup
	$(BIN)/python -m pytest -q -n 2 test/unit test/property

# The web page's bundle from web/src: needs node and npm, and is committed, so that nothing else needs them.
page:
	cd web && npm ci --no-audit --no-fund && npm run check && npm run build

# Documents from a fuzzer for a while; findings and the corpus are kept in output/fuzz.
fuzz: setup
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[fuzz]'
	$(BIN)/python -m test.fuzz --seconds $(or $(FUZZ_SECONDS),60)

simulate: setup
	$(BIN)/python -m test.simulation $(if $(SEEDS),--seeds $(SEEDS)) $(if $(SEED),--seed $(SEED)) $(if $(CRASH),--crash $(CRASH))

# Errands, and drives beside a scripted Nav2: kill -9 of the orchestrator and of servers at random instants, pauses,
# cancels, emergency stops, others' goals. ONLY=errand or ONLY=nav2: one of the two.
chaos: setup
	$(BIN)/python -m test.chaos $(if $(CHAOS_SECONDS),--seconds $(CHAOS_SECONDS)) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

# Missions of every kind on three robots: kill -9 of agents, orchestrators, action servers and of the Temporal server.
chaos-fleet: setup
	$(BIN)/python -m test.chaos.fleet $(if $(MISSIONS),--missions $(MISSIONS)) $(if $(SEED),--seed $(SEED))

# The scripted agent's tasks, those that take minutes too.
agent-tasks: setup
	AGENT_TASKS=all $(BIN)/python -m pytest -q -s test/integration/agents/test_tasks.py

# 2,000 runs of 200 actions in one node: its memory has to be flat in the last half. SOAK_RUNS=600: fewer; what
# the node keeps of the past is full after 200. SOAK_ACTIONS=1 SOAK_RUNS=4000: many small ones.
soak: setup
	$(BIN)/python -m test.soak $(if $(SOAK_RUNS),--runs $(SOAK_RUNS)) $(if $(SOAK_ACTIONS),--actions $(SOAK_ACTIONS))

# The peers it is measured beside come from PyPI; nothing else needs them.
bench-engine bench-ros: bench-peers
bench-peers: setup
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'

# On the embedded runtime and, where there can be one, on a real ROS 2.
bench-embedded bench-ros: setup
	-@$(BIN)/python embedded/tools/real_ros2 .ros2
	$(BIN)/python -m benchmarks.on_both $(@:bench-%=%) $(BENCH_ARGS)

bench-engine bench-fleet bench-monitoring bench-prestaging: setup
	$(BIN)/python -m benchmarks.$(@:bench-%=%) $(BENCH_ARGS)

# PSPLIB .sm files, or folders of them; random projects without.
bench-scheduling: setup
	@$(BIN)/python -m benchmarks.scheduling $(FILES) $(BENCH_ARGS)

# The same tasks with one orchestrator and a namespace for each robot.
bench-fleet-one: setup
	$(BIN)/python -m benchmarks.fleet.one_orchestrator $(BENCH_ARGS)

bench: bench-embedded bench-engine bench-monitoring bench-ros

clean:
	rm -rf $(VENV) .ros2 build dist *.egg-info embedded/*.egg-info output .pytest_cache .mypy_cache .ruff_cache .hypothesis
