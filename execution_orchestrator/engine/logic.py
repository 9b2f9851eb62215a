"""Rules of the engine that changed between releases, so that each execution ends by its own.

An execution notes at its start the rules its release had (`ExecutionAccepted.logic`). Where a newer
release decides otherwise, it asks `ExecutionState.follows`: an execution begun before, which does
not have the flag, runs to its end by the older rule. A flag is never renamed or used again; it may
go, with the older rule, when no journal has an open execution without it any more.
"""

from __future__ import annotations

from enum import StrEnum


class Logic(StrEnum):
    """A changed rule; the comment says how it was before."""

    # A critical action left out for its condition makes the execution PARTIALLY_COMPLETED; before,
    # it was COMPLETED, and only its message named the action.
    LEFT_OUT_IS_PARTIAL = "left_out_is_partial"
    # The next attempt after a recovery or a pause is for the same one of several robots; before,
    # `robot: any` gave it to another one first.
    GOES_ON_WHERE_IT_WAS = "goes_on_where_it_was"
    # A goal that is lost because its server, or a node behind it, is gone waits for that and counts
    # no attempt; before, it was a failed attempt that recovered.
    LOST_GOAL_WAITS = "lost_goal_waits"
    # What was half done when another plan came is undone as such, although an earlier round of the
    # same block did it wholly, so that the plan keeps it; before, that half was forgotten.
    HALF_DONE_IS_NOT_KEPT = "half_done_is_not_kept"
    # What is left out because its block has failed belongs to that failure, which is handled (a
    # catch, a fallback, a retry of the block) or fails the plan; before, it was one that the plan
    # allowed, so that "the shelf, otherwise the table" was PARTIALLY_COMPLETED with all of it done.
    LEFT_OUT_BY_FAILURE_IS_HANDLED = "left_out_by_failure_is_handled"
    # A delay that is longer than its timeout fails when that has passed; before, it had no timeout.
    DELAY_HAS_TIMEOUT = "delay_has_timeout"
    # What is in a branch that was not taken is SKIPPED in expressions, too; before, it was PENDING.
    PASSED_OVER_IS_SKIPPED = "passed_over_is_skipped"
    # A checkpoint, or another plan, does not keep what stands in or around something undone since,
    # what was done for a failure (catch, fallback, recovery plan, a step of a compensation), nor
    # what is in a block that has failed since and is tried again: it is done again. Before, only
    # the undone action itself was; the steps of a block that was undone as a whole counted as done,
    # and the next failure was answered by nothing.
    ONLY_WHAT_HOLDS_IS_KEPT = "only_what_holds_is_kept"
    # A finally that fails while a `return` ends the plan fails it; before, the plan was COMPLETED.
    FINALLY_FAILS_THE_RETURN = "finally_fails_the_return"
    # A try that went on after an error that nothing caught (`on_error: continue`) makes the
    # execution PARTIALLY_COMPLETED and is named; before, it was COMPLETED without a word.
    PASSED_OVER_IS_PARTIAL = "passed_over_is_partial"
    # How an action ended last says whether it did what the plan asks; before, what its first try
    # had left out was named at the end of the execution, too, although the second did all of it.
    LAST_TRY_COUNTS = "last_try_counts"
    # What tidies up is done again when something of the block before it is; before, an action of a
    # finally that was done before a checkpoint was not done after what that block did next.
    TIDIES_UP_AGAIN = "tidies_up_again"
    # An ended execution that is taken back to a checkpoint has a deadline again; before, none.
    TAKEN_BACK_HAS_DEADLINE = "taken_back_has_deadline"


CURRENT: tuple[Logic, ...] = tuple(Logic)  # what an execution that begins now follows
