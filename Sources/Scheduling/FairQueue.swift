import Core

/// Who waits, and what each tenant has had: tokens by weight, prompts and answers alike. The next
/// to run is the first in line of the tenant that had least; within a tenant it is first come,
/// first served.
///
/// A tenant that begins to wait starts at the level that a fair share of all work so far would have
/// given (start-time fair queueing, Goyal et al. 1996), so that nobody saves up by staying away and
/// newcomers, however many, pass nobody for ever.
struct FairQueue {
    private struct Account {
        var weight: Double
        var served: Double
        var waiting: [SequenceState] = []
        var running = 0

        var isActive: Bool { running > 0 || !waiting.isEmpty }
    }

    /// Accounts of tenants that are gone are kept for their debt; this many need no cleaning up.
    private static let fewAccounts = 64

    private var accounts: [TenantID: Account] = [:]
    /// What a tenant of weight 1 that was always there has had if all was shared fairly.
    private var level = 0.0
    private var activeWeight = 0.0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    func contains(_ id: SequenceID) -> Bool {
        accounts.values.contains { $0.waiting.contains { $0.id == id } }
    }

    /// What the tenant has had, more being later in line.
    func served(_ tenant: TenantID) -> Double { accounts[tenant]?.served ?? 0 }

    // MARK: Coming and going

    /// A sequence arrives.
    mutating func append(_ sequence: SequenceState, weight: Double) {
        open(sequence.tenant, weight)
        accounts[sequence.tenant]?.waiting.append(sequence)
        count += 1
    }

    /// A running sequence waits again, at its old place.
    mutating func putBack(_ sequence: SequenceState) {
        let waiting = accounts[sequence.tenant]?.waiting ?? []
        let place = waiting.firstIndex { $0.arrival > sequence.arrival } ?? waiting.count
        accounts[sequence.tenant]?.waiting.insert(sequence, at: place)
        accounts[sequence.tenant]?.running -= 1
        count += 1
    }

    /// Who is to run next.
    var first: SequenceState? { firstInLine?.waiting.first }

    /// The first starts to run.
    mutating func removeFirst() {
        guard let tenant = first?.tenant else { return }
        accounts[tenant]?.waiting.removeFirst()
        accounts[tenant]?.running += 1
        count -= 1
    }

    /// A running sequence is over.
    mutating func ended(_ tenant: TenantID) {
        accounts[tenant]?.running -= 1
        closeIfIdle(tenant)
    }

    /// A waiting sequence goes away; false when it does not wait.
    mutating func remove(_ id: SequenceID) -> Bool {
        for (tenant, account) in accounts {
            guard let place = account.waiting.firstIndex(where: { $0.id == id }) else { continue }
            accounts[tenant]?.waiting.remove(at: place)
            count -= 1
            closeIfIdle(tenant)
            return true
        }
        return false
    }

    /// The tenant is given `tokens`.
    mutating func charge(_ tenant: TenantID, tokens: Int) {
        // Taken out and put back: to change it in place allocates, and this is done in every step.
        guard var account = accounts[tenant] else { return }
        account.served += Double(tokens) / account.weight
        accounts[tenant] = account
        level += Double(tokens) / max(activeWeight, account.weight)
    }

    /// How many will run before `id` if tenants take turns and nobody else comes; nil when it does
    /// not wait.
    func position(of id: SequenceID) -> Int? {
        for account in accounts.values {
            guard let place = account.waiting.firstIndex(where: { $0.id == id }) else { continue }
            return accounts.values.reduce(place) { sum, other in
                guard let own = account.waiting.first, let first = other.waiting.first,
                    own.id != first.id
                else { return sum }
                let isBefore = Self.precedes(other, account)
                return sum + min(other.waiting.count, place + (isBefore ? 1 : 0))
            }
        }
        return nil
    }

    // MARK: Accounts

    private var firstInLine: Account? {
        accounts.values.filter { !$0.waiting.isEmpty }.min(by: Self.precedes)
    }

    /// Of tenants that had the same, the one whose first arrived earlier.
    private static func precedes(_ a: Account, _ b: Account) -> Bool {
        guard a.served == b.served else { return a.served < b.served }
        return (a.waiting.first?.arrival ?? .max) < (b.waiting.first?.arrival ?? .max)
    }

    private mutating func open(_ tenant: TenantID, _ weight: Double) {
        if accounts[tenant] == nil {
            forgetPaidDebts()
            accounts[tenant] = Account(weight: weight, served: level)
        }
        guard var account = accounts[tenant], account.waiting.isEmpty else { return }
        if account.isActive { activeWeight -= account.weight }
        account.weight = weight
        account.served = max(account.served, level)
        activeWeight += weight
        accounts[tenant] = account
    }

    private mutating func closeIfIdle(_ tenant: TenantID) {
        guard let account = accounts[tenant], !account.isActive else { return }
        activeWeight -= account.weight
        if account.served <= level { accounts[tenant] = nil }
        if accounts.values.allSatisfy({ !$0.isActive }) { self = FairQueue() }
    }

    private mutating func forgetPaidDebts() {
        guard accounts.count > Self.fewAccounts else { return }
        let level = level
        accounts = accounts.filter { $0.value.isActive || $0.value.served > level }
    }
}
