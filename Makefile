# make compare    compares the ways of keeping activations on Fashion-MNIST; writes Reports/
# make test       runs all tests, of the release build
# make sanitize   runs the tests under the address and the thread sanitizer
# make format     formats the sources
# make documentation   builds the documentation; a warning is an error

.PHONY: setup compare test sanitize format documentation

# Flags of `tidemark compare`: make compare FLAGS='--model vgg8 --steps 50'
FLAGS =

# What is written about for users of the library.
DOCUMENTED = MemoryLedger Networks Schedules Planning Execution Training Calibration Benchmarking Comparisons Studies \
  Tidemark TidemarkTesting TidemarkXCTest

# A target that imports another of the package without reaching it in the manifest is an error. The check reads
# the sources that are built anyway, and leaves what is built valid.
IMPORTS = --explicit-target-dependency-import-check error

# Tests that look into the allocator run one at a time: its statistics are read while no other test
# starts and ends threads.
ALONE = MemoryLedgerTests|MemoryInvariantTests|TidemarkTestingTests|TidemarkXCTestTests

setup:
	@.ci/setup

compare: setup
	@test -x .build/release/tidemark || echo "First compiles the release version: two to three minutes on two quiet cores."
	swift build --configuration release --product tidemark
	.build/release/tidemark compare $(FLAGS)

test: setup
	swift test $(IMPORTS) --configuration release --no-parallel --filter '$(ALONE)'
	swift test $(IMPORTS) --configuration release --skip '$(ALONE)'

# Training steps of whole networks, over and over, searches for placements, and runs of the command in
# processes of their own: under a sanitizer they would take an hour. What they run is run by the other tests too.
LONG = CommandTests|ExactnessTests|OptimalExecutionTests|PlannersNetworkTests|NetworkOracleTests|$(LONGER)
LONGER = MemoryInvariantTests|FailureTests|RecordedStepsTests|RandomNetworkTests|ResumeTests|StudyTests|GradientErrorTests|aSmallUNetLearns|$(SEARCHES)
SEARCHES = plannedHeightsAreAtMostATenthOverTheBound|PlannersRotorTests|StepPlannerTests|PassSimulationTests

# Sanitized builds are kept apart from the others. Tests that need jemalloc skip themselves where a
# sanitizer's allocator serves, and say so. Leaks are not looked for: XCTest itself leaves some.
sanitize: setup
	ASAN_OPTIONS=detect_leaks=0 swift test --scratch-path .build-address --sanitize=address --skip '$(LONG)'
	swift test --scratch-path .build-thread --sanitize=thread --skip '$(LONG)'

format:
	swift format --in-place --recursive --parallel Sources Tests

# Without input: the plugin stops for ever if it may read from a terminal that is not its own.
documentation: setup
	swift package generate-documentation --warnings-as-errors \
	  $(foreach target,$(DOCUMENTED),--target $(target)) \
	  --enable-experimental-combined-documentation </dev/null
