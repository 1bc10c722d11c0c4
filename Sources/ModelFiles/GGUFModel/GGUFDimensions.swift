internal import Core

/// The numbers of a model that decide how its tensors are laid out, from what config.json says (or
/// would say).
struct GGUFDimensions: Sendable {
    let layers, heads, keyValueHeads: Int
    /// Of a query or key head.
    let headWidth: Int
    /// Of latent attention; 0 without.
    let plainKeyWidth, valueWidth: Int
    /// 0 without.
    let experts: Int

    /// - Parameter path: for messages.
    init(_ config: JSON, _ family: GGUFFamily, path: String) throws(ModelFileError) {
        func number(
            _ usual: String,
            _ range: ClosedRange<Int>,
            or missing: Int? = nil
        ) throws(ModelFileError) -> Int {
            let key = family.names[usual] ?? usual
            let value = config[key].flatMap { $0.isNull ? nil : $0 }
            guard let number = value.map(\.int) ?? missing, range.contains(number) else {
                let text = value.map { "is \(quoted($0.text()))" } ?? "is missing"
                throw ModelFileError(
                    .malformed,
                    path: path,
                    "\(key) \(text); it must be from \(range.lowerBound) to \(range.upperBound)"
                )
            }
            return number
        }
        let widths = 1...(1 << 16)
        layers = try number("num_hidden_layers", 1...4096)
        heads = try number("num_attention_heads", 1...4096)
        if family.architecture == "falcon", config["new_decoder_architecture"]?.bool != true {
            keyValueHeads = config["multi_query"]?.bool == false ? heads : 1
        } else {
            keyValueHeads = try number("num_key_value_heads", 1...4096, or: heads)
        }
        let width = try number("hidden_size", 1...(1 << 20))
        let usual = family.headWidth ?? max(1, width / heads)
        headWidth = try number("head_dim", widths, or: usual)
        let isLatent = config["kv_lora_rank"] != nil
        plainKeyWidth = isLatent ? try number("qk_nope_head_dim", widths) : 0
        valueWidth = isLatent ? try number("v_head_dim", widths) : 0
        let count = ["num_experts", "num_local_experts", "n_routed_experts"].first {
            config[$0].map { !$0.isNull } ?? false
        }
        experts = try count.map { key throws(ModelFileError) in try number(key, 0...4096) } ?? 0
    }
}
