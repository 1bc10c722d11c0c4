import Testing

/// What the prefix cache gives, to whom, and what it forgets first.
@Suite struct PrefixTests {
    @Test func aSecondPromptReusesTheFullBlocksOfTheFirst() {
        Transcript.check(
            batch: 128,
            caching: true,
            """
            submit s1 ann a*70 max=1 -> queued
            plan -> s1 0+70! [0 1 2]
            counts -> running=1 waiting=0 used=3/8 cached=0 preemptions=0 hits=0/70
            apply s1:1 -> ended s1
            counts -> running=0 waiting=0 used=0/8 cached=2 preemptions=0 hits=0/70
            submit s2 ann a*68,b*9 max=2 -> queued
            plan -> s2 64+13! [0 1 2] hit=64
            apply s2:1 -> nothing
            plan -> s2 77+1! [0 1 2]
            counts -> running=1 waiting=0 used=3/8 cached=2 preemptions=0 hits=64/147
            """
        )
    }

    @Test func blocksAreSharedWhileTheFirstStillRuns() {
        Transcript.check(
            caching: true,
            """
            submit s1 ann a*33 max=9 -> queued
            plan -> s1 0+33! [0 1]
            apply s1:1 -> nothing
            submit s2 ann a*33 max=9 -> queued
            plan -> s1 33+1! [0 1] | s2 32+1! [0 2] hit=32
            apply s1:2. s2:1 -> ended s1
            counts -> running=1 waiting=0 used=2/8 cached=1 preemptions=0 hits=32/66
            plan -> s2 33+1! [0 2]
            """
        )
    }

    @Test func nothingIsSharedBeforeItsStepWasApplied() {
        Transcript.check(
            batch: 128,
            caching: true,
            """
            submit s1 ann a*40 max=9 -> queued
            submit s2 ann a*40 max=9 -> queued
            plan -> s1 0+40! [0 1] | s2 0+40! [2 3]
            submit s3 ann a*40 max=9 -> queued
            apply s1:1 s2:1 -> nothing
            counts -> running=2 waiting=1 used=4/8 cached=1 preemptions=0 hits=0/80
            plan -> s1 40+1! [0 1] | s2 40+1! [2 3] | s3 32+8! [0 4] hit=32
            """
        )
    }

    @Test func anAbandonedStepIsNotShared() {
        Transcript.check(
            caching: true,
            """
            submit s1 ann a*40 max=9 -> queued
            plan -> s1 0+40! [0 1]
            cancel s1 -> true
            abandon -> ended s1
            submit s2 ann a*40 max=9 -> queued
            plan -> s2 0+40! [0 1]
            """
        )
    }

    @Test func aFullHitStillComputesWhatGivesTheLogits() {
        Transcript.check(
            caching: true,
            """
            submit s1 ann a*64 max=1 -> queued
            plan -> s1 0+64! [0 1]
            apply s1:1 -> ended s1
            submit s2 ann a*64 max=1 -> queued
            plan -> s2 63+1! [0 2] hit=63 | copy 1>2*31
            """
        )
    }

    @Test func aForkInsideABlockIsCopied() {
        Transcript.check(
            batch: 128,
            caching: true,
            """
            submit s1 ann a*64 max=1 -> queued
            plan -> s1 0+64! [0 1]
            apply s1:1 -> ended s1
            submit s2 ann a*44,b*9 max=2 -> queued
            plan -> s2 44+9! [0 2] hit=44 | copy 1>2*12
            apply s2:1 -> nothing
            submit s3 ann a*20,b*9 max=2 -> queued
            plan -> s2 53+1! [0 2] | s3 20+9! [3] hit=20 | copy 0>3*20
            counts -> running=2 waiting=0 used=3/8 cached=2 preemptions=0 hits=64/146
            submit s4 bob a*44 max=2 -> queued
            apply s2:1 s3:1 -> ended s2
            plan -> s3 29+1! [3] | s4 0+44! [2 4]
            """
        )
    }

    @Test func fewCommonTokensAreNotWorthACopy() {
        Transcript.check(
            caching: true,
            """
            submit s1 ann a*32 max=1 -> queued
            plan -> s1 0+32! [0]
            apply s1:1 -> ended s1
            submit s2 ann a*7,b*9 max=2 -> queued
            plan -> s2 0+16! [1]
            """
        )
    }

    @Test func aBlockIsCopiedThoughItIsTakenInTheSameStep() {
        Transcript.check(
            blocks: 2,
            batch: 128,
            caching: true,
            """
            submit s1 ann a*64 max=1 -> queued
            plan -> s1 0+64! [0 1]
            apply s1:1 -> ended s1
            submit s2 ann a*20,b*30 max=2 -> queued
            plan -> s2 20+30! [1 0] hit=20 | copy 0>1*20
            """
        )
    }

    @Test func aFailedCopyIsNotBelieved() {
        Transcript.check(
            caching: true,
            """
            submit s1 ann a*64 max=1 -> queued
            plan -> s1 0+64! [0 1]
            apply s1:1 -> ended s1
            submit s2 ann a*44,b*9 max=2 -> queued
            plan -> s2 44+9! [0 2] hit=44 | copy 1>2*12
            abandon -> nothing
            counts -> running=0 waiting=1 used=0/8 cached=2 preemptions=1 hits=44/117
            plan -> s2 44+9! [0 2] hit=44 | copy 1>2*12
            """
        )
    }

    @Test func aForkCopiesTheWindowToo() {
        Transcript.check(
            batch: 128,
            caching: true,
            window: 32,
            """
            submit s1 ann a*64 max=1 -> queued
            plan -> s1 0+64! [0 1] w[0 1]
            apply s1:1 -> ended s1
            submit s2 ann a*44,b*9 max=2 -> queued
            plan -> s2 44+9! [0 2] w[0 2] hit=44 | copy 1>2*12 | copy w1>2*12
            """
        )
    }

    @Test func answersAreReusedToo() {
        Transcript.check(
            caching: true,
            """
            submit s1 ann a*32 max=2 -> queued
            plan -> s1 0+32! [0]
            apply s1:970000 -> nothing
            plan -> s1 32+1! [0 1]
            apply s1:970001 -> ended s1
            submit s2 ann a*32,a*1 max=2 -> queued
            plan -> s2 32+1! [0 1] hit=32
            """
        )
    }

    @Test func tenantsAreStrangers() {
        Transcript.check(
            caching: true,
            """
            submit s1 ann a*40 max=1 -> queued
            plan -> s1 0+40! [0 1]
            apply s1:1 -> ended s1
            submit s2 bob a*40 max=1 -> queued
            plan -> s2 0+40! [1 2]
            apply s2:1 -> ended s2
            submit s3 ann a*40 max=1 -> queued
            plan -> s3 32+8! [0 2] hit=32
            apply s3:1 -> ended s3
            submit s4 bob a*40 max=1 -> queued
            plan -> s4 32+8! [1 2] hit=32
            """
        )
    }

    @Test func theSameBlockAfterAnotherStartIsAnother() {
        Transcript.check(
            batch: 128,
            caching: true,
            """
            submit s1 ann a*32,b*32,c*1 max=1 -> queued
            plan -> s1 0+65! [0 1 2]
            apply s1:1 -> ended s1
            submit s2 ann b*32,c*1 max=1 -> queued
            plan -> s2 0+33! [2 3]
            apply s2:1 -> ended s2
            submit s3 ann c*32,b*32,c*1 max=1 -> queued
            plan -> s3 0+65! [3 4 5]
            """
        )
    }

    @Test func theLongestUnusedGoesFirstAndTailsBeforeHeads() {
        Transcript.check(
            blocks: 4,
            batch: 512,
            caching: true,
            """
            submit s1 ann a*64 max=1 -> queued
            plan -> s1 0+64! [0 1]
            apply s1:1 -> ended s1
            submit s2 ann b*64 max=1 -> queued
            plan -> s2 0+64! [2 3]
            apply s2:1 -> ended s2
            submit s3 ann c*32 max=1 -> queued
            plan -> s3 0+32! [1]
            apply s3:1 -> ended s3
            submit s4 ann a*40 max=1 -> queued
            plan -> s4 32+8! [0 3] hit=32
            apply s4:1 -> ended s4
            counts -> running=0 waiting=0 used=0/4 cached=3 preemptions=0 hits=32/200
            """
        )
    }

    @Test func whatFollowsAnEvictedBlockIsOutOfReach() {
        Transcript.check(
            blocks: 3,
            batch: 512,
            caching: true,
            """
            submit s1 ann a*32 max=1 -> queued
            submit s2 ann a*32 max=40 -> queued
            plan -> s1 0+32! [0] | s2 0+32! [1]
            apply s1:1 s2:1 -> ended s1
            counts -> running=1 waiting=0 used=1/3 cached=1 preemptions=0 hits=0/64
            plan -> s2 32+1! [1 2]
            apply s2:2 -> nothing
            submit s3 ann b*1 max=1 -> queued
            plan -> s2 33+1! [1 2] | s3 0+1! [0]
            counts -> running=2 waiting=0 used=3/3 cached=0 preemptions=0 hits=0/65
            """
        )
    }

    @Test func thePreemptedFindItsOwnBlocksAndReportNoSecondHit() {
        Transcript.check(
            blocks: 5,
            batch: 512,
            caching: true,
            """
            submit s1 ann a*64 max=9 -> queued
            submit s2 ann b*70 max=9 -> queued
            plan -> s1 0+64! [0 1] | s2 0+70! [2 3 4]
            apply s1:1 s2:1 -> nothing
            plan -> s1 64+1! [0 1 4] | preempted s2
            apply s1:2. -> ended s1
            plan -> s2 64+7! [2 3 4]
            counts -> running=1 waiting=0 used=3/5 cached=4 preemptions=1 hits=64/205
            """
        )
    }

    @Test func cachingOffSharesNothing() {
        Transcript.check(
            """
            submit s1 ann a*40 max=1 -> queued
            plan -> s1 0+40! [0 1]
            apply s1:1 -> ended s1
            submit s2 ann a*40 max=1 -> queued
            plan -> s2 0+40! [0 1]
            counts -> running=1 waiting=0 used=2/8 cached=0 preemptions=0 hits=0/0
            """
        )
    }
}
