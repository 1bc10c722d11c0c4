import Testing

/// Blocks that run out, and sequences that go before their end.
@Suite struct PreemptionTests {
    @Test func theNewestGivesWayAndIsComputedAgain() {
        Transcript.check(
            blocks: 3,
            """
            submit s1 ann a*32 max=9 -> queued
            submit s2 ann b*31 max=9 -> queued
            plan -> s1 0+32! [0] | s2 0+31! [1]
            apply s1:1 s2:5 -> nothing
            plan -> s1 32+1! [0 2] | s2 31+1! [1]
            apply s1:2 s2:6 -> nothing
            plan -> s1 33+1! [0 2] | preempted s2
            counts -> running=1 waiting=1 used=2/3 cached=0 preemptions=1 hits=0/0
            apply s1:3 -> nothing
            plan -> s1 34+1! [0 2]
            apply s1:4. -> ended s1
            plan -> s2 0+33! [0 2]
            apply s2:7. -> ended s2
            counts -> running=0 waiting=0 used=0/3 cached=0 preemptions=1 hits=0/0
            """
        )
    }

    @Test func thePreemptedComesBackBeforeThoseWhoWaited() {
        Transcript.check(
            blocks: 2,
            sequences: 2,
            """
            submit s1 ann a*32 max=9 -> queued
            submit s2 ann b*4 max=9 -> queued
            submit s3 ann c*1 max=9 -> queued
            plan -> s1 0+32! [0] | s2 0+4! [1]
            apply s1:1 s2:5 -> nothing
            plan -> s1 32+1! [0 1] | preempted s2
            apply s1:2. -> ended s1
            plan -> s2 0+5! [0] | s3 0+1! [1]
            """
        )
    }

    @Test func asManyAsNeededGiveWay() {
        Transcript.check(
            blocks: 4,
            batch: 128,
            """
            submit s1 ann a*32 max=9 -> queued
            submit s2 ann b*32 max=9 -> queued
            submit s3 ann c*1 max=9 -> queued
            submit s4 ann d*1 max=9 -> queued
            plan -> s1 0+32! [0] | s2 0+32! [1] | s3 0+1! [2] | s4 0+1! [3]
            apply s1:1 s2:1 s3:1 s4:1 -> nothing
            plan -> s1 32+1! [0 3] | s2 32+1! [1 2] | preempted s4 s3
            apply s1:2. s2:2 -> ended s1
            plan -> s2 33+1! [1 2] | s3 0+2! [0] | s4 0+2! [3]
            """
        )
    }

    @Test func cancelledWhileWaiting() {
        Transcript.check(
            """
            submit s1 ann a*4 max=9 -> queued
            cancel s1 -> true
            cancel s1 -> false
            plan -> nothing
            """
        )
    }

    @Test func cancelledBetweenStepsFreesAtOnce() {
        Transcript.check(
            batch: 4,
            """
            submit s1 ann a*8 max=9 -> queued
            plan -> s1 0+4 [0]
            apply -> nothing
            cancel s1 -> true
            counts -> running=0 waiting=0 used=0/8 cached=0 preemptions=0 hits=0/0
            plan -> nothing
            """
        )
    }

    @Test func cancelledInFlightKeepsItsBlocksUntilApply() {
        Transcript.check(
            """
            submit s1 ann a*8 max=9 -> queued
            submit s2 ann b*8 max=9 -> queued
            plan -> s1 0+8! [0] | s2 0+8! [1]
            cancel s1 -> true
            cancel s1 -> false
            counts -> running=2 waiting=0 used=2/8 cached=0 preemptions=0 hits=0/0
            apply s1:1 s2:1 -> ended s1
            counts -> running=1 waiting=0 used=1/8 cached=0 preemptions=0 hits=0/0
            plan -> s2 8+1! [1]
            """
        )
    }

    @Test func cancelledInFlightInTheMiddleOfItsPrompt() {
        Transcript.check(
            batch: 4,
            """
            submit s1 ann a*8 max=9 -> queued
            plan -> s1 0+4 [0]
            cancel s1 -> true
            apply -> ended s1
            plan -> nothing
            """
        )
    }

    @Test func runningButNotInFlightIsCancelledAtOnce() {
        Transcript.check(
            batch: 1,
            """
            submit s1 ann a*1 max=9 -> queued
            plan -> s1 0+1! [0]
            apply s1:1 -> nothing
            submit s2 ann b*1 max=9 -> queued
            plan -> s1 1+1! [0]
            cancel s2 -> true
            apply s1:2 -> nothing
            """
        )
    }

    @Test func cancelledAfterPreemption() {
        Transcript.check(
            blocks: 2,
            """
            submit s1 ann a*32 max=9 -> queued
            submit s2 ann b*4 max=9 -> queued
            plan -> s1 0+32! [0] | s2 0+4! [1]
            apply s1:1 s2:5 -> nothing
            plan -> s1 32+1! [0 1] | preempted s2
            cancel s2 -> true
            apply s1:2. -> ended s1
            plan -> nothing
            counts -> running=0 waiting=0 used=0/2 cached=0 preemptions=1 hits=0/0
            """
        )
    }

    @Test func anUnknownSequenceCannotBeCancelled() {
        Transcript.check("cancel s1 -> false")
    }
}
