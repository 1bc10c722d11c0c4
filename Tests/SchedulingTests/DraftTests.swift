import Core
import Scheduling
import Testing

/// Drafts are computed with the next step, kept as far as they were right, and cost nobody a place.
@Suite struct DraftTests {
    @Test func rightOnesCountAndTheRestIsComputedAgain() {
        Transcript.check(
            """
            submit s1 ann a*3 max=9 -> queued
            plan -> s1 0+3! [0]
            apply s1:5 -> nothing
            draft s1 6,7,8 -> noted
            plan -> s1 3+4!~3 [0]
            apply s1:6 s1:7 s1:9 -> nothing
            plan -> s1 6+1! [0]
            apply s1:1 -> nothing
            draft s1 2,3 -> noted
            plan -> s1 7+3!~2 [0]
            apply s1:4 -> nothing
            plan -> s1 8+1! [0]
            """
        )
    }

    @Test func allRightGivesOneMore() {
        Transcript.check(
            """
            submit s1 ann a*3 max=9 -> queued
            plan -> s1 0+3! [0]
            apply s1:5 -> nothing
            draft s1 6,7 -> noted
            plan -> s1 3+3!~2 [0]
            apply s1:6 s1:7 s1:8 s1:9 -> nothing
            plan -> s1 6+1! [0]
            """
        )
    }

    @Test func whatFollowsAWrongOneIsIgnored() {
        Transcript.check(
            """
            submit s1 ann a*3 max=9 -> queued
            plan -> s1 0+3! [0]
            apply s1:5 -> nothing
            draft s1 6,7 -> noted
            plan -> s1 3+3!~2 [0]
            apply s1:9 s1:6 s1:7. -> nothing
            plan -> s1 4+1! [0]
            """
        )
    }

    @Test func theEndEndsInTheMiddleOfDrafts() {
        Transcript.check(
            """
            submit s1 ann a*3 max=9 -> queued
            plan -> s1 0+3! [0]
            apply s1:5 -> nothing
            draft s1 6,7,8 -> noted
            plan -> s1 3+4!~3 [0]
            apply s1:6 s1:7. -> ended s1
            counts -> running=0 waiting=0 used=0/8 cached=0 preemptions=0 hits=0/0
            """
        )
    }

    @Test func noMoreThanTheAnswerHasRoomFor() {
        Transcript.check(
            """
            submit s1 ann a*3 max=4 -> queued
            plan -> s1 0+3! [0]
            apply s1:5 -> nothing
            draft s1 6,7,8,9,10 -> noted
            plan -> s1 3+3!~2 [0]
            apply s1:6 s1:7 s1:8 -> ended s1
            """
        )
    }

    @Test func certainTokensComeBeforeGuesses() {
        Transcript.check(
            batch: 5,
            """
            submit s1 ann a*1 max=9 -> queued
            submit s2 ann b*1 max=9 -> queued
            plan -> s1 0+1! [0] | s2 0+1! [1]
            apply s1:1 s2:1 -> nothing
            draft s1 6,7 -> noted
            draft s2 6,7 -> noted
            plan -> s1 1+3!~2 [0] | s2 1+2!~1 [1]
            """
        )
    }

    @Test func blocksForGuessesAreGivenBack() {
        Transcript.check(
            blocks: 3,
            """
            submit s1 ann a*31 max=40 -> queued
            submit s2 ann b*31 max=40 -> queued
            plan -> s1 0+31! [0] | s2 0+31! [1]
            apply s1:1 s2:1 -> nothing
            draft s1 6,7,8 -> noted
            draft s2 6,7,8 -> noted
            plan -> s1 31+4!~3 [0 2] | s2 31+1! [1]
            apply s1:2 s2:2 -> nothing
            plan -> s1 32+1! [0 2] | preempted s2
            """
        )
    }

    @Test func guessesPreemptNobody() {
        Transcript.check(
            blocks: 3,
            batch: 128,
            """
            submit s1 ann a*31 max=9 -> queued
            submit s2 ann b*40 max=9 -> queued
            plan -> s1 0+31! [0] | s2 0+40! [1 2]
            apply s1:1 s2:1 -> nothing
            draft s1 6,7,8 -> noted
            plan -> s1 31+1! [0] | s2 40+1! [1 2]
            """
        )
    }

    @Test func wrongGuessesAreNeverShared() {
        Transcript.check(
            caching: true,
            """
            submit s1 ann a*30 max=9 -> queued
            plan -> s1 0+30! [0]
            apply s1:970000 -> nothing
            draft s1 970001,970002 -> noted
            plan -> s1 30+3!~2 [0 1]
            apply s1:5 -> nothing
            counts -> running=1 waiting=0 used=1/8 cached=0 preemptions=0 hits=0/30
            draft s1 970001,970002 -> noted
            plan -> s1 31+3!~2 [0 1]
            apply s1:970001 s1:7 -> nothing
            counts -> running=1 waiting=0 used=2/8 cached=1 preemptions=0 hits=0/30
            """
        )
    }

    @Test func whoComputesAPromptDoesNotGuess() {
        Transcript.check(
            chunk: 4,
            """
            submit s1 ann a*6 max=9 -> queued
            draft s1 6,7 -> noted
            plan -> s1 0+4 [0]
            apply -> nothing
            draft s1 6,7 -> noted
            draft s2 6,7 -> noted
            plan -> s1 4+2! [0]
            apply s1:1 -> nothing
            draft s1 2,3,4,5,6 -> noted
            plan -> s1 6+4!~3 [0]
            abandon -> nothing
            plan -> s1 6+1! [0]
            """
        )
    }
}
