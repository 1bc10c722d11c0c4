import Kernels
import Synchronization
import Testing

@Suite struct WorkerPoolTests {
    @Test(arguments: [1, 2, 4])
    func everyItemIsDoneOnce(_ threads: Int) throws {
        let pool = try WorkerPool(threads: threads)
        for total in [0, 1, 2, 3, 17, 1000] {
            let seen = Mutex([Int](repeating: 0, count: total))
            pool.each(total) { item in seen.withLock { $0[item] += 1 } }
            pool.stripes(of: total) { range in
                seen.withLock { seen in for item in range { seen[item] += 1 } }
            }
            #expect(seen.withLock { $0.allSatisfy { $0 == 2 } })
        }
    }

    /// Nobody begins with the second stage before all are done with the first.
    @Test(arguments: [1, 2, 4])
    func stagesFollowOneAnother(_ threads: Int) throws {
        let pool = try WorkerPool(threads: threads)
        let done = Counter(), early = Counter(), seconds = Counter()
        for items in 0..<200 {
            let before = done.value
            pool.run(on: (done, early, seconds, before + items), items: items) { context, _ in
                context.0.add(1)
            } then: { context, _ in
                if context.0.value != context.3 { context.1.add(1) }
                context.2.add(1)
            }
            #expect(done.value == before + items)
        }
        #expect(early.value == 0)
        #expect(seconds.value == 200 * threads)
    }

    @Test func manyPhasesInARow() throws {
        let pool = try WorkerPool(threads: 3)
        let count = Atomic(0)
        for _ in 0..<20_000 { pool.run { _ in count.add(1, ordering: .relaxed) } }
        #expect(count.load(ordering: .relaxed) == 60_000)
    }

    @Test func callersTakeTurns() async throws {
        let pool = try WorkerPool(threads: 2)
        let sums = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    let count = Atomic(0)
                    for _ in 0..<2000 {
                        pool.each(8) { count.add($0, ordering: .relaxed) }
                        pool.stripes(of: 8) { count.add($0.count, ordering: .relaxed) }
                    }
                    return count.load(ordering: .relaxed)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(sums == [72_000, 72_000])
    }

    @Test func poolsEnd() throws {
        for _ in 0..<50 {
            let pool = try WorkerPool(threads: 4)
            pool.run { _ in }
        }
    }
}

private final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }
    func add(_ more: Int) { count.add(more, ordering: .sequentiallyConsistent) }
}
