import Core
import Foundation
import ModelFiles
import Testing

/// Models that also see images, shown as their text models. That they compute what they should is
/// shown by the goldens "gemma3-images" and "mistral3" of the execution tests.
@Suite struct TextTowerTests {
    private func open(_ config: String, _ tensors: [String], _ scratch: Scratch) throws
        -> ModelSource
    {
        try scratch.write("m/config.json", config)
        try scratch.writeTensors("m/model.safetensors", tensors.map { ($0, [1, 2]) })
        return try ModelSource.open(scratch.path + "/m")
    }

    static let spellings = [
        ["language_model.model.norm.weight", "language_model.lm_head.weight", "vision_tower.x"],
        ["model.language_model.norm.weight", "lm_head.weight", "model.vision_tower.x"],
    ]

    @Test(arguments: spellings)
    func namesAreTheTextModels(_ names: [String]) throws {
        let scratch = try Scratch()
        let config = #"{"model_type": "llava", "text_config": {"model_type": "llama"}}"#
        let source = try open(config, names, scratch)
        #expect(Set(source.tensorNames) == Set(names))
        #expect(source.weightName(of: names[0]) == "model.norm.weight")
        #expect(source.weightName(of: names[1]) == "lm_head.weight")
        #expect(source.weightName(of: names[2]) == nil)
        #expect(try source.vector("model.norm.weight").values == [1, 2])
        #expect(source.hasMatrix("lm_head.weight") && !source.hasMatrix("model.embed.weight"))
        #expect(try source.matrix("lm_head.weight").columns == 2)
        #expect(source.config["tie_word_embeddings"] == false)
        let tied = try open(config, [names[0], names[2]], Scratch())
        #expect(tied.config["tie_word_embeddings"] == true)
    }

    /// Against tools/goldens/text_defaults.py.
    @Test(arguments: ["gemma3_text", "llama", "mistral"])
    func whatIsNotSaidIsTransformersDefault(_ kind: String) throws {
        let data = try Data(contentsOf: URL(filePath: golden("text_defaults.json")))
        let expected = try #require(try JSON(parsing: data)["defaults"]?[kind]?.object)
        let config = #"{"model_type": "gemma3", "text_config": {"model_type": "\#(kind)"}}"#
        let found = try open(config, Self.spellings[0], Scratch()).config
        #expect(found["model_type"]?.string == kind)
        // These two follow from others where they are missing.
        let heads = found["num_attention_heads"]?.int ?? 1
        let usual = ["num_key_value_heads": heads, "head_dim": 4096 / heads]
        for member in expected.members {
            let value = found[member.key]?.int ?? usual[member.key]
            #expect(value == member.value.int, "\(member.key)")
        }
    }

    @Test func settingsOfBothAreKept() throws {
        let config = """
            {"model_type": "gemma3", "image_token_index": 7, "vision_config": {"hidden_size": 3},
             "eos_token_id": [1, 106], "new_key": 5, "quantization_config": {"quant_method": "x"},
             "text_config": {"model_type": "gemma3_text", "eos_token_id": 1, "bos_token_id": 2,
             "hidden_size": 16, "vocab_size": null}}
            """
        let found = try open(config, Self.spellings[0], Scratch()).config
        #expect(found["hidden_size"] == 16)
        #expect(found["vocab_size"] == 262208)
        #expect(found["eos_token_id"] == [1, 106] && found["bos_token_id"] == 2)
        #expect(found["new_key"] == 5)
        #expect(found["quantization_config"]?["quant_method"] == "x")
        #expect(found["image_token_index"] == nil && found["vision_config"] == nil)
    }

    /// Others may compute otherwise even without images.
    @Test func unknownWrappersStayThemselves() throws {
        let config = #"{"model_type": "paligemma", "text_config": {"model_type": "gemma"}}"#
        let source = try open(config, Self.spellings[0], Scratch())
        #expect(source.config["model_type"] == "paligemma")
        #expect(source.weightName(of: "vision_tower.x") == "vision_tower.x")
    }

    @Test func weightsWithoutATextModelAreRefused() throws {
        let config = #"{"model_type": "gemma3", "text_config": {"model_type": "gemma3_text"}}"#
        let error = #expect(throws: ModelFileError.self) {
            try open(config, ["vision_tower.x"], Scratch())
        }
        #expect(error?.message.contains("hold no text model") == true)
    }
}
