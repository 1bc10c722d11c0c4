extension Tensor {
    /// Reads `g_idx`, the group of every column (GPTQ's act-order).
    ///
    /// - Returns: the columns sorted by their group, so that groups lie next to each other; nil
    ///   where they already do.
    func columnOrder(columns: Int, groupSize: Int) throws(ModelFileError) -> [Int32]? {
        try check(shape: [columns], "a matrix of \(columns) columns")
        guard type == .i32 || type == .i64 else {
            throw error(.unsupported, "is \(type); this build reads i32 and i64 here")
        }
        let groupOf = floats()
        if (0..<columns).allSatisfy({ groupOf[$0] == Float($0 / groupSize) }) { return nil }
        var members = [[Int32]](repeating: [], count: groups(columns, of: groupSize))
        for (column, group) in groupOf.enumerated() {
            guard let group = Int(exactly: group), members.indices.contains(group) else {
                throw error(
                    .malformed,
                    "puts column \(column) into group \(group), but there are \(members.count)"
                )
            }
            members[group].append(Int32(truncatingIfNeeded: column))
        }
        for (group, columnsOfGroup) in members.enumerated() {
            let size = min(groupSize, columns - group * groupSize)
            guard columnsOfGroup.count == size else {
                throw error(
                    .malformed,
                    "puts \(columnsOfGroup.count) columns into group \(group), not \(size)"
                )
            }
        }
        return members.flatMap(\.self)
    }
}

/// Runs `unpack` on room for a row of bytes in the matrix's own order, and stores them in `bytes`
/// in `order`; nil: in the matrix's own.
func store(
    _ columns: Int,
    in order: [Int32]?,
    into bytes: UnsafeMutableRawPointer,
    _ unpack: (UnsafeMutableRawPointer) -> Void
) {
    guard let order else { return unpack(bytes) }
    withUnsafeTemporaryAllocation(byteCount: columns, alignment: 8) { natural in
        guard let start = natural.baseAddress else { return }
        unpack(start)
        for place in 0..<columns {
            bytes.storeBytes(of: natural[Int(order[place])], toByteOffset: place, as: UInt8.self)
        }
    }
}
