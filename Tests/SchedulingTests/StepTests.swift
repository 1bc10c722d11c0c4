import Testing

/// Who computes what, with no prefix cache in play.
@Suite struct StepTests {
    @Test func oneSequenceFromPromptToEnd() {
        Transcript.check(
            """
            plan -> nothing
            submit s1 ann a*40 max=3 -> queued
            counts -> running=0 waiting=1 used=0/8 cached=0 preemptions=0 hits=0/0
            plan -> s1 0+40! [0 1]
            apply s1:7 -> nothing
            plan -> s1 40+1! [0 1]
            apply s1:8 -> nothing
            plan -> s1 41+1! [0 1]
            apply s1:9. -> ended s1
            plan -> nothing
            counts -> running=0 waiting=0 used=0/8 cached=0 preemptions=0 hits=0/0
            """
        )
    }

    @Test func maxTokensEndsEvenWithoutALastMark() {
        Transcript.check(
            """
            submit s1 ann a*4 max=2 -> queued
            plan -> s1 0+4! [0]
            apply s1:7 -> nothing
            plan -> s1 4+1! [0]
            apply s1:8 -> ended s1
            """
        )
    }

    @Test func aTokenThatDoesNotComeEndsItsSequence() {
        Transcript.check(
            """
            submit s1 ann a*4 max=2 -> queued
            plan -> s1 0+4! [0]
            apply s9:1 -> ended s1
            """
        )
    }

    @Test func promptInChunksOfTheBudget() {
        Transcript.check(
            batch: 16,
            """
            submit s1 ann a*40 max=2 -> queued
            plan -> s1 0+16 [0 1]
            apply -> nothing
            plan -> s1 16+16 [0 1]
            apply -> nothing
            plan -> s1 32+8! [0 1]
            apply s1:7 -> nothing
            plan -> s1 40+1! [0 1]
            apply s1:8. -> ended s1
            """
        )
    }

    @Test func promptInChunksOfTheLimitPerSequence() {
        Transcript.check(
            batch: 64,
            chunk: 7,
            """
            submit s1 ann a*9 max=1 -> queued
            submit s2 ann b*8 max=1 -> queued
            plan -> s1 0+7 [0] | s2 0+7 [1]
            apply -> nothing
            plan -> s2 7+1! [1] | s1 7+2! [0]
            apply s1:1 s2:1 -> ended s1 s2
            """
        )
    }

    @Test func chunksOfOneToken() {
        Transcript.check(
            chunk: 1,
            """
            submit s1 ann a*3 max=1 -> queued
            plan -> s1 0+1 [0]
            apply -> nothing
            plan -> s1 1+1 [0]
            apply -> nothing
            plan -> s1 2+1! [0]
            apply s1:1 -> ended s1
            """
        )
    }

    @Test func decodeComesFirstThenPromptsInOrderOfArrival() {
        Transcript.check(
            batch: 20,
            """
            submit s1 ann a*30 max=9 -> queued
            submit s2 ann b*3 max=9 -> queued
            submit s3 ann c*30 max=9 -> queued
            plan -> s1 0+20 [0]
            apply -> nothing
            plan -> s1 20+10! [0] | s2 0+3! [1] | s3 0+7 [2]
            apply s1:1 s2:1 -> nothing
            plan -> s1 30+1! [0] | s2 3+1! [1] | s3 7+18 [2]
            apply s1:2 s2:2 -> nothing
            plan -> s1 31+1! [0] | s2 4+1! [1] | s3 25+5! [2]
            """
        )
    }

    @Test func decodeOfALaterSequenceBeforeThePromptOfAnEarlier() {
        Transcript.check(
            batch: 8,
            chunk: 6,
            """
            submit s1 ann a*20 max=9 -> queued
            submit s2 ann b*2 max=9 -> queued
            plan -> s1 0+6 [0] | s2 0+2! [1]
            apply s2:1 -> nothing
            plan -> s2 2+1! [1] | s1 6+6 [0]
            """
        )
    }

    @Test func aStepIsNeverLargerThanTheBudget() {
        Transcript.check(
            batch: 2,
            """
            submit s1 ann a*1 max=9 -> queued
            submit s2 ann b*1 max=9 -> queued
            submit s3 ann c*1 max=9 -> queued
            plan -> s1 0+1! [0] | s2 0+1! [1]
            apply s1:1 s2:1 -> nothing
            plan -> s1 1+1! [0] | s2 1+1! [1]
            apply s1:2. s2:2 -> ended s1
            plan -> s2 2+1! [1] | s3 0+1! [0]
            """
        )
    }

    @Test func placesAreFirstComeFirstServed() {
        Transcript.check(
            sequences: 2,
            """
            submit s1 ann a*1 max=9 -> queued
            submit s2 ann b*1 max=9 -> queued
            submit s3 ann c*1 max=9 -> queued
            plan -> s1 0+1! [0] | s2 0+1! [1]
            counts -> running=2 waiting=1 used=2/8 cached=0 preemptions=0 hits=0/0
            apply s1:1. s2:1 -> ended s1
            plan -> s2 1+1! [1] | s3 0+1! [0]
            """
        )
    }

    @Test func aSmallOneDoesNotOvertakeALargeOne() {
        Transcript.check(
            blocks: 3,
            batch: 512,
            """
            submit s1 ann a*33 max=9 -> queued
            submit s2 ann b*40 max=9 -> queued
            submit s3 ann c*1 max=9 -> queued
            plan -> s1 0+33! [0 1]
            apply s1:1 -> nothing
            plan -> s1 33+1! [0 1]
            apply s1:2. -> ended s1
            plan -> s2 0+40! [0 1] | s3 0+1! [2]
            """
        )
    }

    @Test func rejections() {
        Transcript.check(
            blocks: 2,
            queued: 2,
            """
            submit s1 ann a*0 max=1 -> rejected emptyPrompt
            submit s1 ann a*1 max=0 -> rejected noTokensWanted
            submit s1 ann a*1 max=-5 -> rejected noTokensWanted
            submit s1 ann a*65 max=1 -> rejected tooLarge(capacity: 64)
            submit s1 ann a*60 max=6 -> rejected tooLarge(capacity: 64)
            submit s1 ann a*1 max=9223372036854775807 -> rejected tooLarge(capacity: 64)
            submit s1 ann a*60 max=5 -> queued
            submit s1 ann a*1 max=1 -> rejected duplicate
            submit s2 ann a*64 max=1 -> queued
            submit s3 ann a*1 max=1 -> rejected queueFull(limit: 2)
            plan -> s1 0+60! [0 1]
            submit s1 ann a*1 max=1 -> rejected duplicate
            submit s3 ann a*1 max=1 -> queued
            """
        )
    }

    @Test func anAbandonedPlanIsPlannedAgain() {
        Transcript.check(
            batch: 16,
            """
            submit s1 ann a*20 max=2 -> queued
            plan -> s1 0+16 [0]
            abandon -> nothing
            plan -> s1 0+16 [0]
            apply -> nothing
            plan -> s1 16+4! [0]
            cancel s1 -> true
            abandon -> ended s1
            counts -> running=0 waiting=0 used=0/8 cached=0 preemptions=0 hits=0/0
            """
        )
    }
}
