import Core
import Foundation
import ModelFiles
import Testing

/// Quantised checkpoints that are broken, or that this build does not read.
@Suite struct QuantizedRefusalTests {
    /// `quantization_config`, tensors (name, dtype, shape), and a piece of the message that must
    /// come when "q.weight" is asked for. All data are zeros.
    typealias Case = (config: String, tensors: [(String, String, [Int])], message: String)

    static let gptqConfig = #""quant_method":"gptq","bits":4,"group_size":32"#
    static let gptqTensors = [
        ("q.qweight", "I32", [8, 32]), ("q.qzeros", "I32", [2, 4]), ("q.scales", "F16", [2, 32]),
    ]

    static let gptq: [Case] = [
        (#""quant_method":"gptq","bits":3"#, [], #"has "bits" 3; this build reads 4 and 8"#),
        (#""quant_method":"gptq","bits":2"#, [], #"has "bits" 2"#),
        (#""quant_method":"gptq","bits":"4""#, [], #"has "bits", which is a string"#),
        (#""quant_method":"gptq""#, [], #"has "bits" missing; this"#),
        (#""quant_method":"gptq","bits":4"#, [], #"has "group_size" missing"#),
        (#""quant_method":"gptq","bits":4,"group_size":0"#, [], #"has "group_size" 0"#),
        (#""quant_method":"gptq","bits":4,"group_size":-2"#, [], #"has "group_size" -2"#),
        (gptqConfig + #","checkpoint_format":"marlin""#, [], #""checkpoint_format" "marlin""#),
        (gptqConfig + #","format":"bitblas""#, [], #""format" "bitblas""#),
        (gptqConfig + #","is_marlin_format":true"#, [], #""is_marlin_format" true"#),
        (gptqConfig + #","dynamic":{"+:.*":{"bits":8}}"#, [], #"has "dynamic""#),
        (gptqConfig + #","pack_dtype":"int16""#, [], #"has "pack_dtype" "int16""#),
        (gptqConfig + #","desc_act":1"#, [], #"has "desc_act", which is an integer"#),
        (gptqConfig, [], "is missing"),
        (gptqConfig, Array(gptqTensors[..<2]), #""q.scales": is missing"#),
        (gptqConfig, [gptqTensors[0], gptqTensors[2]], #""q.qzeros": is missing"#),
        (gptqConfig + #","desc_act":true"#, gptqTensors, #""q.g_idx": is missing"#),
        (gptqConfig, gptqTensors + [("q.g_idx", "I32", [63])], "asks for [64]"),
        (gptqConfig, gptqTensors + [("q.g_idx", "F32", [64])], "is f32"),
        (gptqConfig, gptqTensors + [("q.g_idx", "I32", [64])], "puts 64 columns into group 0"),
        (gptqConfig, [("q.qweight", "F32", [8, 32])] + gptqTensors[1...], "is f32"),
        (gptqConfig, [("q.qweight", "I32", [256])] + gptqTensors[1...], "no matrix"),
        (gptqConfig, [("q.qweight", "I32", [0, 32])] + gptqTensors[1...], "no matrix"),
        (gptqConfig, [("q.qweight", "I32", [4, 64])] + gptqTensors[1...], "asks for [1, 64]"),
        (
            gptqConfig, [gptqTensors[0], ("q.qzeros", "I32", [2, 5]), gptqTensors[2]],
            #""q.qzeros": has shape [2, 5], but a matrix of 32 by 64 in groups of 32 asks"#
        ),
        (gptqConfig, gptqTensors[..<2] + [("q.scales", "I32", [2, 32])], "is i32"),
        (
            #""quant_method":"gptq","bits":8,"group_size":9223372036854775807"#,
            [
                ("q.qweight", "I32", [16, 32]), ("q.qzeros", "I32", [1, 8]),
                ("q.scales", "F16", [1, 32]),
            ],
            "has zero point 1 for output 0; 8 bits are read only with 128"
        ),
    ]

    static let awqConfig = #""quant_method":"awq","bits":4,"group_size":32"#
    static let awqTensors = [
        ("q.qweight", "I32", [64, 2]), ("q.qzeros", "I32", [2, 2]), ("q.scales", "F16", [2, 16]),
    ]

    static let awq: [Case] = [
        (#""quant_method":"awq","bits":8"#, [], #"has "bits" 8; this build reads 4"#),
        (#""quant_method":"awq","w_bit":3"#, [], #"has "w_bit" 3"#),
        (awqConfig + #","version":"gemv""#, [], #"has "version" "gemv"; this build reads gemm"#),
        (awqConfig + #","zero_point":false"#, [], #"has "zero_point" false"#),
        (awqConfig + #","rotation":"hadamard""#, [], #"has "rotation" "hadamard""#),
        (#""quant_method":"awq","group_size":0"#, [], #"has "group_size" 0"#),
        (awqConfig, [awqTensors[0], awqTensors[2]], #""q.qzeros": is missing"#),
        (awqConfig, Array(awqTensors[..<2]), #""q.scales": is missing"#),
        (awqConfig, [("q.qweight", "I32", [63, 2])] + awqTensors[1...], ""),
        (awqConfig, [("q.qweight", "I32", [65, 2])] + awqTensors[1...], "asks for [3, 16]"),
        (awqConfig, [("q.qweight", "U8", [64, 2])] + awqTensors[1...], "is u8"),
        (awqConfig, [awqTensors[0], ("q.qzeros", "I32", [4]), awqTensors[2]], "asks for [2, 2]"),
    ]

    static let packConfig = #""quant_method":"compressed-tensors","format":"pack-quantized""#
    static let packTensors = [
        ("q.weight_packed", "I32", [6, 8]), ("q.weight_scale", "F16", [6, 2]),
        ("q.weight_shape", "I64", [2]),
    ]
    static let floatConfig = #""quant_method":"compressed-tensors","format":"float-quantized""#

    static func group(_ text: String) -> String {
        packConfig + #","config_groups":{"group_0":{"# + text + "}}"
    }

    static let compressedTensors: [Case] = [
        (
            #""quant_method":"compressed-tensors","format":"marlin-24""#, [],
            #""format" "marlin-24""#
        ),
        (
            #""quant_method":"compressed-tensors","format":"nvfp4-pack-quantized""#, [],
            "nvfp4-pack-quantized"
        ),
        (group(#""format":"mxfp4-pack-quantized""#), [], #"mxfp4-pack-quantized" in "group_0""#),
        (group(#""weights":{"num_bits":3,"type":"int"}"#), [], "num_bits 3"),
        (group(#""weights":{"num_bits":4,"type":"float"}"#), [], #""float" with num_bits 4"#),
        (group(#""weights":{"block_structure":[128]}"#), [], "block_structure"),
        (packConfig + #","transform_config":{"config_groups":{"a":1}}"#, [], "transform_config"),
        (packConfig + #","sparsity_config":{"format":"sparse-24"}"#, [], "sparsity_config"),
        (packConfig, [packTensors[0], packTensors[2]], "says [0, 0]"),
        (packConfig, Array(packTensors[..<2]), #""q.weight_shape": is missing"#),
        (packConfig, packTensors[..<2] + [("q.weight_shape", "I64", [3])], "asks for [2]"),
        (packConfig, [("q.weight", "I8", [6, 8])], #""q.weight_scale": is missing"#),
        (packConfig, [("q.weight", "F16", [6, 8]), packTensors[1]], "is f16 with a scale"),
        (packConfig, [("q.weight", "I8", [6, 8]), ("q.weight_scale", "F16", [6, 3])], "[6, 3]"),
        (floatConfig, [("q.weight", "F8_E4M3", [6, 8])], #""q.weight_scale": is missing"#),
        (
            floatConfig, [("q.weight", "F8_E4M3", [6, 8]), ("q.weight_scale", "U8", [6, 1])],
            "is u8"
        ),
        (
            floatConfig, [("q.weight", "F8_E4M3", [6, 8]), ("q.weight_scale", "F32", [2, 1])],
            "[2, 1], which is no scale"
        ),
    ]

    static let fp8Config = #""quant_method":"fp8","weight_block_size":[128,128]"#

    static let fp8: [Case] = [
        (fp8Config + #","fmt":"e5m2""#, [], #"has "fmt" "e5m2""#),
        (fp8Config + #","expert_dtype":"fp4""#, [], #"has "expert_dtype" "fp4""#),
        (#""quant_method":"fp8","weight_block_size":[128]"#, [], "weight_block_size"),
        (#""quant_method":"fp8","weight_block_size":[0,128]"#, [], "weight_block_size"),
        (fp8Config, [("q.weight", "F8_E4M3", [6, 8])], #""q.weight_scale": is missing"#),
        (
            fp8Config,
            [("q.weight", "F8_E4M3", [300, 8]), ("q.weight_scale_inv", "F32", [2, 1])],
            "[2, 1], which is no scale, row of scales, blocks of 128 by 128 or"
        ),
        (
            fp8Config, [("q.weight", "BF16", [6, 8]), ("q.weight_scale_inv", "F32", [1, 1])],
            "is bf16 with a scale"
        ),
        (fp8Config, [("q.weight", "F8_E4M3", [48]), ("q.weight_scale", "F32", [])], "no matrix"),
    ]

    static let mxfp4Config = #""quant_method":"mxfp4""#

    static let mxfp4: [Case] = [
        (mxfp4Config, [("q_blocks", "U8", [2, 3, 4, 16])], #""q_scales": is missing"#),
        (
            mxfp4Config, [("q_blocks", "U8", [2, 3, 4, 16]), ("q_scales", "U8", [2, 3, 3])],
            "asks for [2, 3, 4]"
        ),
        (mxfp4Config, [("q_blocks", "U8", [2, 3, 4, 8])], "blocks of 16 bytes"),
        (mxfp4Config, [("q_blocks", "U8", [2, 16])], "blocks of 16 bytes"),
        (mxfp4Config, [("q_blocks", "U8", [2, 0, 4, 16])], "blocks of 16 bytes"),
        (mxfp4Config, [("q_blocks", "I8", [2, 3, 4, 16])], "is i8"),
        (mxfp4Config + #","swizzled":1"#, [], #"has "swizzled" 1"#),
    ]

    static let others: [Case] = [
        (
            #""quant_method":"bitsandbytes""#, [],
            #"config.json: quantization_config has "quant_method" "bitsandbytes"; this build reads"#
        ),
        (#""bits":4"#, [], "has no quant_method"),
    ]

    static let cases = gptq + awq + compressedTensors + fp8 + mxfp4 + others

    @Test(arguments: cases.indices)
    func refuses(_ index: Int) throws {
        let (config, tensors, message) = Self.cases[index]
        let source = try checkpoint(#"{"quantization_config":{\#(config)}}"#, tensors)
        #expect(source.tensorNames.count == tensors.count, "it opens, and lists its tensors")
        if message.isEmpty {
            #expect(throws: Never.self) { try source.matrix("q.weight") }
            return
        }
        let error = #expect(throws: ModelFileError.self) { try source.matrix("q.weight") }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains(message), "\(text)")
    }

    /// The description, and whether config.json speaks of quantisation at all.
    @Test(arguments: [
        ("{}", "q.qweight", "I32", "is quantised, as \"q.qweight\" shows"),
        ("{}", "q.weight_packed", "I32", "is quantised, as \"q.weight_packed\" shows"),
        ("{}", "q_blocks", "U8", "is quantised, as \"q_blocks\" shows"),
        ("{}", "q.weight", "I8", "is i8, which this build does not read as a matrix"),
        ("{}", "r.weight", "F32", "is missing"),
        (#"{"quantization_config":[]}"#, "q.weight", "F32", "is an array, not an object"),
        (#"{"quantization_config":{}}"#, "q.weight", "F32", "has no quant_method"),
        (#"{"quantization_config":{"quant_method":"fp8"}}"#, "q.qweight", "I32", "is quantised"),
    ])
    func refusesWhatNobodyDescribes(
        _ config: String,
        _ name: String,
        _ type: String,
        _ message: String
    ) throws {
        let source = try checkpoint(config, [(name, type, [4, 4])])
        let error = #expect(throws: ModelFileError.self) { try source.matrix("q.weight") }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains(message), "\(text)")
    }

    @Test func refusesShapesThatAreNoMatrix() throws {
        let source = try checkpoint(
            #"{"quantization_config":null}"#,
            [
                ("scalar", "F32", []), ("vector", "F32", [4]), ("empty", "F32", [0, 4]),
                ("scaled", "F8_E4M3", [2, 2]), ("scaled_scale", "F32", [1]),
            ]
        )
        #expect(throws: ModelFileError.self) { try source.matrix("scalar") }
        #expect(throws: ModelFileError.self) { try source.matrix("empty") }
        #expect(throws: ModelFileError.self) { try source.matrix("scaled") }
        #expect(throws: ModelFileError.self) { try source.matrix("vector", transposed: true) }
        #expect(try source.matrix("vector").rows == 1)
    }

    @Test func refusesColumnGroupsThatAreNotThere() throws {
        for (value, message) in [(Int32(2), "into group 2"), (-1, "into group -1")] {
            let groups = (0..<64).map { Int32($0 / 32) }
            let source = try checkpoint(
                #"{"quantization_config":{\#(Self.gptqConfig)}}"#,
                Self.gptqTensors + [("q.g_idx", "I32", [64])],
                data: ["q.g_idx": raw(groups.dropLast() + [value])]
            )
            let error = #expect(throws: ModelFileError.self) { try source.matrix("q.weight") }
            #expect(error?.tensor == "q.g_idx")
            #expect(error?.message.contains("puts column 63 \(message)") == true)
        }
    }

    @Test func refusesPackedWordsThatDoNotFit() throws {
        let order = #","config_groups":{"g":{"weights":{"num_bits":4,"actorder":"group"}}}"#
        let cases: [(String, [(String, String, [Int])], Int, String)] = [
            ("", Self.packTensors, 65, "has 8 words a row"),
            (
                "", Self.packTensors + [("q.weight_zero_point", "I32", [2, 2])], 64,
                "asks for [1, 2]"
            ),
            (
                "", Self.packTensors + [("q.weight_zero_point", "I8", [6, 1])], 64,
                "asks for [6, 2]"
            ),
            ("", Self.packTensors + [("q.weight_zero_point", "F16", [6, 2])], 64, "is f16"),
            ("", Self.packTensors + [("q.weight_zero_point", "I8", [6, 2])], 32, ""),
            ("", Self.packTensors + [("q.weight_zero_point", "I32", [2, 2])], 32, "symmetric"),
            ("", Self.packTensors + [("q.weight_g_idx", "I32", [64])], 64, "puts 64 columns"),
            (order, Self.packTensors, 64, #""q.weight_g_idx": is missing"#),
            ("", [Self.packTensors[0], Self.packTensors[2]], 64, #""q.weight_scale": is missing"#),
        ]
        for (more, tensors, columns, message) in cases {
            let source = try checkpoint(
                #"{"quantization_config":{\#(Self.packConfig + more)}}"#,
                tensors,
                data: ["q.weight_shape": raw([Int64(6), Int64(columns)])]
            )
            guard !message.isEmpty else {
                #expect(throws: Never.self) { try source.matrix("q.weight") }
                continue
            }
            let error = #expect(throws: ModelFileError.self) { try source.matrix("q.weight") }
            #expect(error.map { "\($0)".contains(message) } == true, "\(error as Any)")
        }
    }

    @Test func refusesAsymmetricBytes() throws {
        let source = try ModelSource.open(folder(of: "gptq8-asymmetric"))
        let error = #expect(throws: ModelFileError.self) {
            try source.matrix("model.layers.0.self_attn.q_proj.weight")
        }
        #expect(error?.tensor == "model.layers.0.self_attn.q_proj.qzeros")
        let zeros = ("q.weight_zero_point", "I8", [1])
        let asymmetric = try checkpoint(
            #"{"quantization_config":{\#(Self.packConfig)}}"#,
            [("q.weight", "I8", [6, 8]), ("q.weight_scale", "F16", [1]), zeros],
            data: ["q.weight_zero_point": [3]]
        )
        #expect(throws: ModelFileError.self) { try asymmetric.matrix("q.weight") }
    }

    @Test func findsTheConfiguration() throws {
        let bad = #"{"quant_method":"gptq","bits":3}"#
        let old = #"{"format":"nvfp4-pack-quantized"}"#
        for config in [
            #"{"text_config":{"quantization_config":\#(bad)}}"#,
            #"{"quantization_config":null,"compression_config":\#(old)}"#,
        ] {
            let source = try checkpoint(config, [("q.weight", "F32", [2, 2])])
            #expect(throws: ModelFileError.self) { try source.matrix("q.weight") }
        }
    }
}

// MARK: helpers

private func raw(_ values: [some BitwiseCopyable]) -> [UInt8] {
    values.withUnsafeBytes { [UInt8]($0) }
}

/// Opens a model with the given config.json and tensors (name, dtype, shape), of zeros or `data`.
private func checkpoint(
    _ config: String,
    _ tensors: [(String, String, [Int])],
    data: [String: [UInt8]] = [:]
) throws -> ModelSource {
    let scratch = try Scratch()
    var header: [String] = [], bytes: [UInt8] = []
    for (name, type, shape) in tensors {
        let bits = Int(type.drop { !$0.isNumber }.prefix { $0.isNumber }) ?? 0
        let count = shape.reduce(1, *) * bits / 8
        let range = [bytes.count, bytes.count + count]
        bytes += data[name] ?? [UInt8](repeating: 0, count: count)
        header.append(
            #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(range)}"#
        )
    }
    try scratch.write("m/config.json", config)
    let text = "{" + header.joined(separator: ",") + "}"
    try scratch.write("m/model.safetensors", safetensors(text) + bytes)
    // Its files stay mapped after the folder is gone.
    return try ModelSource.open(scratch.path + "/m")
}
