/// A run of values with the weights of their errors: how well scales fit it.
struct WeightedRun {
    let run: Run
    let weights: Run

    init(_ scratch: BlockScratch, from start: Int = 0, count: Int) {
        run = Run(values: scratch.values + start, vectors: count / 8)
        weights = Run(values: scratch.weights + start, vectors: count / 8)
    }

    // MARK: value = scale * q

    /// The scale for which the weighted squared error is least, among those that least squares gives
    /// for the codes of some first guesses.
    ///
    /// - Parameters:
    ///   - targets: what the value of the largest size may become; the guesses.
    ///   - quantise: the codes' values nearest to values that were divided by the scale.
    @inline(__always)
    func scale(targets: [Float], quantise: (Lanes) -> Lanes) -> Float {
        let extreme = inverse(run.extreme)
        // Of the best scale so far. With it the error is sum(w x^2) less `gain`.
        var gain: Float = 0, scale: Float = 0
        for target in targets {
            let fit = fit(target * extreme, quantise)
            if fit.gain > gain { (gain, scale) = fit }
        }
        for _ in 0..<2 {
            let fit = fit(inverse(scale), quantise)
            if !(fit.gain > gain) { break }
            (gain, scale) = fit
        }
        return scale
    }

    @inline(__always)
    private func fit(
        _ inverse: Float,
        _ quantise: (Lanes) -> Lanes
    ) -> (gain: Float, scale: Float) {
        var xq = Lanes.zero, qq = Lanes.zero
        for i in 0..<run.vectors {
            let value = run[i], code = quantise(value * inverse), weighted = weights[i] * code
            xq += weighted * value
            qq += weighted * code
        }
        let product = xq.total, square = qq.total
        return square > 0 ? (product * product / square, product / square) : (0, 0)
    }

    // MARK: value = scale * q - offset, q from 0

    /// The scale and offset for which the weighted squared error is least, among those that least
    /// squares gives for the codes of some first guesses.
    /// - Parameter positive: whether the offset must not be negative.
    func scaleAndOffset(most: Float, positive: Bool) -> (scale: Float, offset: Float) {
        let least = positive ? min(0, run.least) : run.least
        let width = run.most - least
        guard width > 0 else { return (0, -least) }
        let sums = Sums(self)
        var best = Affine(error: .infinity, scale: 0, offset: -least)
        for step in -5...8 {
            let inverse = (most + 0.15 * Float(step)) / width
            let fit = fit(inverse, -least, most, positive, sums)
            if fit.error < best.error { best = fit }
        }
        for _ in 0..<3 {
            let fit = fit(inverse(best.scale), best.offset, most, positive, sums)
            if !(fit.error < best.error) { break }
            best = fit
        }
        return (best.scale, best.offset)
    }

    private struct Affine {
        var error, scale, offset: Float
    }

    /// What does not depend on the codes.
    private struct Sums {
        var w: Float, x: Float, xx: Float

        init(_ run: WeightedRun) {
            var w = Lanes.zero, x = Lanes.zero, xx = Lanes.zero
            for i in 0..<run.run.vectors {
                let weight = run.weights[i], value = run.run[i]
                w += weight
                x += weight * value
                xx += weight * value * value
            }
            (self.w, self.x, self.xx) = (w.total, x.total, xx.total)
        }
    }

    @inline(__always)
    private func fit(
        _ inverse: Float,
        _ offset: Float,
        _ most: Float,
        _ positive: Bool,
        _ sums: Sums
    ) -> Affine {
        var q = Lanes.zero, qq = Lanes.zero, xq = Lanes.zero
        for i in 0..<run.vectors {
            let value = run[i]
            let code = ((value + offset) * inverse).clamped(0, most).nearest
            let weighted = weights[i] * code
            q += weighted
            qq += weighted * code
            xq += weighted * value
        }
        return solve(q.total, qq.total, xq.total, positive, sums)
    }

    /// Least squares for x = scale * q - offset.
    private func solve(
        _ q: Float,
        _ qq: Float,
        _ xq: Float,
        _ positive: Bool,
        _ sums: Sums
    ) -> Affine {
        let determinant = sums.w * qq - q * q
        var scale = (sums.w * xq - sums.x * q) / determinant
        var offset = (q * xq - qq * sums.x) / determinant
        if positive && !(offset > 0) { (scale, offset) = (xq / qq, 0) }
        let error =
            sums.xx - 2 * scale * xq + 2 * offset * sums.x + scale * scale * qq
            - 2 * scale * offset * q + offset * offset * sums.w
        return scale > 0
            ? Affine(error: error, scale: scale, offset: offset)
            : Affine(error: .infinity, scale: 0, offset: 0)
    }

    // MARK: given scales

    /// The weighted squared error of value = scale * q - offset with the best codes from `least` to
    /// `most`.
    @inline(__always)
    func error(_ scale: Float, _ offset: Float, _ least: Float, _ most: Float) -> Float {
        let inverse = inverse(scale)
        var sum = Lanes.zero
        for i in 0..<run.vectors {
            let value = run[i] + offset
            let miss = value - (value * inverse).clamped(least, most).nearest * scale
            sum += weights[i] * miss * miss
        }
        return sum.total
    }
}
