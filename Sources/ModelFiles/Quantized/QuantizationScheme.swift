internal import Core

/// One way of storing quantised matrices in safetensors files. Which matrices are quantised is
/// decided by the tensors that are there, not by the lists of exceptions in config.json.
protocol QuantizationScheme: Sendable {
    /// What follows a matrix's stem in the name of the tensor that holds its codes. The stem of
    /// "q_proj.weight" is "q_proj".
    var codeSuffixes: [String] { get }

    /// The matrix called `name`, whose stem is `stem`; nil where it is not quantised.
    func matrix(
        _ name: String,
        stem: String,
        in source: HuggingFaceModel
    ) throws(ModelFileError) -> (any StoredMatrix)?
}

extension QuantizationConfig {
    func scheme() throws(ModelFileError) -> any QuantizationScheme {
        switch method {
        case "gptq": try GPTQ(self)
        case "awq": try AWQ(self)
        case "compressed-tensors": try CompressedTensors(self)
        case "fp8": try FP8(self)
        case "mxfp4": try MXFP4(self)
        default:
            throw unsupported(
                "quant_method",
                "this build reads gptq, awq, compressed-tensors, fp8 and mxfp4"
            )
        }
    }
}

/// The name without a final ".weight".
func stem(_ name: String) -> String {
    name.hasSuffix(".weight") ? String(name.dropLast(".weight".count)) : name
}

extension HuggingFaceModel {
    func optionalTensor(_ name: String) throws(ModelFileError) -> Tensor? {
        has(name) ? try tensor(name) : nil
    }
}

// MARK: checks

extension Tensor {
    func error(_ code: ModelFileError.Code, _ message: String) -> ModelFileError {
        ModelFileError(code, path: file.path, tensor: name, message)
    }

    /// Rows and columns of a matrix that is not empty.
    func matrixShape() throws(ModelFileError) -> (rows: Int, columns: Int) {
        guard shape.count == 2, shape[0] > 0, shape[1] > 0 else {
            throw error(.malformed, "has shape \(shape), which is no matrix")
        }
        return (shape[0], shape[1])
    }

    func check(type expected: TensorType) throws(ModelFileError) {
        guard type == expected else {
            throw error(.unsupported, "is \(type); this build reads \(expected) here")
        }
    }

    /// - Parameter reason: what the shape follows from.
    func check(shape expected: [Int], _ reason: String) throws(ModelFileError) {
        guard shape == expected else {
            throw error(.malformed, "has shape \(shape), but \(reason) asks for \(expected)")
        }
    }
}
