import Core
import Scheduling
import Testing

/// The blocks of windowed layers: taken for a chunk, given back when the window has passed.
@Suite struct WindowTests {
    @Test func onlyWhatTheWindowShowsIsKept() {
        Transcript.check(
            chunk: 32,
            window: 32,
            """
            submit s1 ann a*100 max=9 -> queued
            plan -> s1 0+32 [0 1 2 3] w[0]
            apply -> nothing
            plan -> s1 32+32 [0 1 2 3] w[0 1]
            apply -> nothing
            plan -> s1 64+32 [0 1 2 3] w[- 1 0]
            apply -> nothing
            plan -> s1 96+4! [0 1 2 3] w[- - 0 1]
            apply s1:7 -> nothing
            plan -> s1 100+1! [0 1 2 3] w[- - 0 1]
            counts -> running=1 waiting=0 used=4/8 cached=0 preemptions=0 hits=0/0 windows=2/8
            cancel s1 -> true
            apply s1:8 -> ended s1
            counts -> running=0 waiting=0 used=0/8 cached=0 preemptions=0 hits=0/0 windows=0/8
            """
        )
    }

    @Test func anAbandonedPlanKeepsItsWindow() {
        Transcript.check(
            chunk: 32,
            window: 20,
            """
            submit s1 ann a*70 max=9 -> queued
            plan -> s1 0+32 [0 1 2] w[0]
            abandon -> nothing
            plan -> s1 0+32 [0 1 2] w[0]
            apply -> nothing
            plan -> s1 32+32 [0 1 2] w[0 1]
            abandon -> nothing
            plan -> s1 32+32 [0 1 2] w[0 1]
            cancel s1 -> true
            abandon -> ended s1
            counts -> running=0 waiting=0 used=0/8 cached=0 preemptions=0 hits=0/0 windows=0/8
            """
        )
    }

    /// Of a*64, b's turn took the second window block; who computes it anew brings it back.
    @Test func aHitEndsWhereTheWindowIsWhole() {
        Transcript.check(
            batch: 128,
            caching: true,
            window: 32,
            windowBlocks: 4,
            """
            submit s1 ann a*96 max=1 -> queued
            plan -> s1 0+96! [0 1 2] w[0 1 2]
            apply s1:1 -> ended s1
            submit s2 ann b*60 max=1 -> queued
            plan -> s2 0+60! [3 4] w[3 1]
            apply s2:1 -> ended s2
            submit s3 ann a*64,c*9 max=1 -> queued
            plan -> s3 32+41! [0 4 5] w[0 1 2] hit=32
            apply s3:1 -> ended s3
            submit s4 ann a*64,d*9 max=1 -> queued
            plan -> s4 64+9! [0 1 4] w[- 1 2] hit=64
            """
        )
    }

    @Test func tenantsAreStrangersToWindowsToo() {
        Transcript.check(
            caching: true,
            window: 32,
            """
            submit s1 ann a*40 max=1 -> queued
            plan -> s1 0+40! [0 1] w[0 1]
            apply s1:1 -> ended s1
            submit s2 bob a*40 max=1 -> queued
            plan -> s2 0+40! [1 2] w[1 2]
            apply s2:1 -> ended s2
            submit s3 ann a*40 max=1 -> queued
            plan -> s3 32+8! [0 2] w[0 2] hit=32
            """
        )
    }

    @Test func theNewestGivesWayWhenTheWindowsOfAllDoNotFit() {
        Transcript.check(
            chunk: 30,
            window: 32,
            windowBlocks: 3,
            """
            submit s1 ann a*70 max=9 -> queued
            submit s2 ann b*3 max=9 -> queued
            plan -> s1 0+30 [0 1 2] w[0] | s2 0+3! [3] w[1]
            apply s2:1 -> nothing
            plan -> s2 3+1! [3] w[1] | s1 30+30 [0 1 2] w[0 2]
            apply s2:2 -> nothing
            plan -> s1 60+10! [0 1 2] w[0 2 1] | preempted s2
            apply s1:1 -> nothing
            plan -> s1 70+1! [0 1 2] w[- 2 1] | s2 0+5! [3] w[0]
            """
        )
    }

    @Test func noneIsLetInToBeThrownOut() {
        Transcript.check(
            chunk: 30,
            window: 32,
            windowBlocks: 3,
            """
            submit s1 ann a*70 max=9 -> queued
            submit s2 ann b*70 max=9 -> queued
            plan -> s1 0+30 [0 1 2] w[0]
            apply -> nothing
            plan -> s1 30+30 [0 1 2] w[0 1]
            """
        )
    }

    @Test func withoutRoomForAWindowSequencesAreShort() {
        Transcript.check(
            window: 64,
            windowBlocks: 2,
            """
            submit s1 ann a*65 max=1 -> rejected tooLarge(capacity: 64)
            submit s1 ann a*60 max=5 -> queued
            """
        )
    }

    @Test func aSequenceHoldsNoMoreThanItsChunkCanSee() {
        for window in [1, 2, 31, 32, 33, 64, 100] {
            for chunk in [1, 2, 31, 32, 33, 500] {
                let touched = (0..<64).map { start in
                    let first = KVBlock.first(seenFrom: window + start, window: window)
                    return KVBlock.count(forTokens: window + start + chunk) - first
                }
                #expect(touched.max() == KVBlock.most(forChunk: chunk, window: window))
            }
        }
    }

    @Test func thePoolHasAsManyAsAllCanHold() {
        var configuration = SchedulerConfiguration(
            blockCount: 1000,
            maxBatchTokens: 512,
            maxSequences: 4,
            maxChunkTokens: 128
        )
        #expect(configuration.windowBlockCount == 0)
        configuration.window = 100
        // 227 positions, of which the first may be the last of its block.
        #expect(configuration.windowBlocksPerSequence == 9)
        #expect(configuration.windowBlockCount == 36)
        configuration.maxSequences = 1 << 40
        #expect(configuration.windowBlockCount == 1000)
        configuration.window = 1 << 24
        #expect(configuration.windowBlocksPerSequence == 1000)
        configuration.windowBlockLimit = 10
        #expect(configuration.windowBlockCount == 10)
    }
}
