internal import CLinux
internal import Glibc
internal import Synchronization

/// Threads that compute one phase at a time, all with the same function. The caller is worker 0; the
/// others wait between phases, first spinning, then asleep.
///
/// Callers on different threads take turns. Results never depend on the number of workers: kernels give
/// every output element to one worker and sum in an order of the element's own.
package final class WorkerPool: @unchecked Sendable {
    // `job` is written by the caller before `epoch` is signalled and read by workers after they saw
    // the signal; `pending` tells the caller when all are done with it.
    package let count: Int
    /// Held by the caller whose phase runs.
    private let turn = Mutex(())
    private var threads: [pthread_t] = []
    private let shared: Shared

    /// Long enough to bridge the gap between two phases of a step, short enough not to hurt when a
    /// virtual processor is taken away: roughly 20 to 50 microseconds.
    private static let spins: Int32 = 1000

    /// - Parameter threads: workers including the caller; nil takes one per core that the process
    ///   may use.
    package init(threads wanted: Int? = nil) throws(KernelError) {
        let topology = Topology()
        count = max(1, min(wanted ?? topology.workerCount, 256))
        shared = Shared()
        // Each meets its own weights again in its core's cache, and on the memory node where it
        // packed them. A pool that leaves cores to others leaves the choice to the system, or two
        // such pools would share a few and leave the rest idle.
        let pins = count == topology.cores.count
        for index in 1..<max(count, 1) {
            try start(index, on: pins ? topology.cores[index] : nil)
        }
    }

    deinit {
        shared.job = nil
        clinux_signal(shared.epoch)
        for thread in threads { pthread_join(thread, nil) }
    }

    /// Calls `body` once on every worker, with its index and what the workers need as a value: unlike
    /// a closure with captures, that is not copied to the heap. Returns when all have finished.
    /// - Parameter body: captures nothing.
    package func run<Context>(
        on context: Context,
        _ body: @escaping (Context, _ worker: Int) -> Void
    ) {
        if count == 1 { return body(context, 0) }
        turn.withLock { _ in runAlone(on: context, body) }
    }

    /// Calls `first` for each of `0 ..< items`, a stripe of them per worker, and when all of them are
    /// done, `second` once on every worker: two stages of one phase, between which the workers wait
    /// for each other once and not twice.
    /// - Parameters:
    ///   - first: captures nothing.
    ///   - second: the same.
    package func run<Context>(
        on context: Context,
        items: Int,
        _ first: @escaping (Context, _ item: Int) -> Void,
        then second: ((Context, _ worker: Int) -> Void)? = nil
    ) {
        let stages = Stages(
            pool: self,
            context: context,
            items: items,
            first: first,
            second: second
        )
        run(on: stages) { stages, worker in
            for item in stages.pool.stripe(worker, of: stages.items) {
                stages.first(stages.context, item)
            }
            guard let second = stages.second else { return }
            if stages.items > 0 { stages.pool.meet() }
            second(stages.context, worker)
        }
    }

    private struct Stages<Context> {
        let pool: WorkerPool
        let context: Context
        let items: Int
        let first: (Context, Int) -> Void
        let second: ((Context, Int) -> Void)?
    }

    /// How many phases the workers took part in so far; overflows.
    package var phaseCount: Int { Int(clinux_load(&shared.epoch.pointee.value)) }

    /// Returns when every worker of the run has come here; they meet at most once in a run.
    private func meet() {
        if count == 1 { return }
        clinux_finish(shared.absent)
        awaitZero(shared.absent)
    }

    /// Splits `0 ..< total` into one contiguous stripe per worker: the same stripe every time, so a
    /// worker meets the same weights again.
    package func stripe(_ worker: Int, of total: Int) -> Range<Int> {
        Self.stripe(worker, of: total, among: count)
    }

    /// The same for so many workers.
    static func stripe(_ worker: Int, of total: Int, among count: Int) -> Range<Int> {
        total * worker / count..<total * (worker + 1) / count
    }

    /// The next of `0 ..< total` that no worker of the run has taken: for items of unequal cost.
    /// - Precondition: called by the workers of a pool of several, in `run`.
    func next(below total: Int) -> Int? {
        let item = Int(clinux_add(&shared.taken.pointee.value, 1))
        return item < total ? item : nil
    }

    // MARK: closures

    // For work that is not done in every step: what a closure captures goes to the heap.

    /// Calls `body` once on every worker, with its index.
    package func run(_ body: (_ worker: Int) -> Void) {
        withoutActuallyEscaping(body) { body in run(on: body) { body, worker in body(worker) } }
    }

    /// Calls `body` once on every worker that has a stripe of `0 ..< total`, with that.
    package func stripes(of total: Int, _ body: (Range<Int>) -> Void) {
        run { worker in
            let range = stripe(worker, of: total)
            if !range.isEmpty { body(range) }
        }
    }

    /// Calls `body` for each of `0 ..< total`, handed out one by one.
    package func each(_ total: Int, _ body: (Int) -> Void) {
        if count == 1 { return (0..<total).forEach(body) }
        run { _ in
            while let item = next(below: total) { body(item) }
        }
    }

    // MARK: threads

    private func runAlone<Context>(
        on context: Context,
        _ body: @escaping (Context, _ worker: Int) -> Void
    ) {
        withUnsafePointer(to: Work(context: context, body: body)) { work in
            shared.job = Job(work: work) { work, worker in
                let work = work.assumingMemoryBound(to: Work<Context>.self).pointee
                work.body(work.context, worker)
            }
            runJob()
        }
    }

    private struct Work<Context> {
        let context: Context
        let body: (Context, Int) -> Void
    }

    private func runJob() {
        clinux_store(&shared.pending.pointee.value, UInt32(count - 1))
        clinux_store(&shared.absent.pointee.value, UInt32(count))
        clinux_store(&shared.taken.pointee.value, 0)
        clinux_signal(shared.epoch)
        shared.job?(0)
        awaitZero(shared.pending)
        shared.job = nil
    }

    private func awaitZero(_ word: UnsafeMutablePointer<clinux_word>) {
        while true {
            let left = clinux_load(&word.pointee.value)
            if left == 0 { return }
            clinux_wait(word, left, Self.spins)
        }
    }

    private func start(_ index: Int, on core: Int?) throws(KernelError) {
        let epoch = clinux_load(&shared.epoch.pointee.value)
        let seat = Seat(shared: shared, index: index, core: core, epoch: epoch)
        let context = Unmanaged.passRetained(seat)
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, workerMain, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw .threadRefused(code)
        }
        threads.append(thread)
    }

    /// A function and what it works on, whose type only the function knows.
    fileprivate struct Job {
        let work: UnsafeRawPointer
        let call: (UnsafeRawPointer, Int) -> Void

        func callAsFunction(_ worker: Int) { call(work, worker) }
    }

    /// What the workers see. Words live on cache lines of their own.
    fileprivate final class Shared: @unchecked Sendable {  // see the pool's note
        let words: UnsafeMutablePointer<clinux_word>
        var epoch: UnsafeMutablePointer<clinux_word> { words }
        var pending: UnsafeMutablePointer<clinux_word> { words + 16 }
        /// Workers that have not come to the meeting of the run.
        var absent: UnsafeMutablePointer<clinux_word> { words + 32 }
        /// How many items of the run were handed out.
        var taken: UnsafeMutablePointer<clinux_word> { words + 48 }
        var job: Job?

        init() {
            words = .allocate(capacity: 64)
            words.initialize(repeating: clinux_word(), count: 64)
        }
        deinit { words.deallocate() }
    }

    fileprivate final class Seat {  // one worker's own
        let shared: Shared
        let index: Int
        /// The hardware thread to stay on.
        let core: Int?
        var epoch: UInt32

        init(shared: Shared, index: Int, core: Int?, epoch: UInt32) {
            self.shared = shared
            self.index = index
            self.core = core
            self.epoch = epoch
        }

        /// Not inlined, so that no reference to the work is left when the caller is told: it must not
        /// escape the call of `run`.
        @inline(never) private func runJob() -> Bool {
            guard let job = shared.job else { return false }
            job(index)
            return true
        }

        func work() {
            while true {
                clinux_wait(shared.epoch, epoch, WorkerPool.spins)
                epoch &+= 1
                if !runJob() { return }
                clinux_finish(shared.pending)
            }
        }
    }
}

private func workerMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let seat = Unmanaged<WorkerPool.Seat>.fromOpaque(context).takeRetainedValue()
    clinux_name_thread("tm-worker-\(seat.index)")
    _ = clinux_flush_denormals()
    if let core = seat.core { _ = clinux_pin(Int32(core)) }
    seat.work()
    return nil
}
