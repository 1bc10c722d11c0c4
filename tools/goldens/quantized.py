#!/usr/bin/env python3
"""Writes Tests/ModelFilesTests/goldens/quantized: one tiny checkpoint per way that quantised weights
lie in safetensors files. A folder holds config.json (only `quantization_config`), model.safetensors,
and expected.safetensors with every matrix as float32 (rows, columns) under its weight's name.

    pip install torch==2.15.0 transformers==5.23.0 safetensors==0.8.0
    pip install --no-deps compressed-tensors==0.20.0 loguru psutil
    pip download --no-deps auto-gptq==0.7.1
    OMP_NUM_THREADS=1 python tools/goldens/quantized.py auto_gptq-0.7.1-*.whl

Who decodes:
    gptq                 AutoGPTQ's QuantLinear packs and decodes (one file of the wheel, on the CPU);
                         GPTQModel's rule for version 2, and for zero points of 0, is spelled out here
    awq                  packed here, unpacked by compressed-tensors' converter of AutoAWQ checkpoints
    compressed-tensors   the package packs and decodes; g_idx, which it no longer writes, numpy
    fp8, mxfp4           transformers; scales per channel, numpy
Scales are widened to float32 before anything is multiplied, so the products are exact to compare.
"""
import json
import logging
import pathlib
import shutil
import sys
import types
import zipfile

import numpy as np
import safetensors.torch
import torch
import transformers
from compressed_tensors.compressors import BaseCompressor
from compressed_tensors.compressors.pack_quantized.helpers import pack_to_int32
from compressed_tensors.entrypoints.convert.converters.autoawq import AutoAWQConverter
from compressed_tensors.quantization import QuantizationArgs, QuantizationScheme
from transformers.integrations.finegrained_fp8 import _dequantize_fp8_weight
from transformers.integrations.mxfp4 import convert_moe_packed_tensors

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests/ModelFilesTests/goldens/quantized"
EXPERTS = "model.layers.0.mlp.experts"
STEMS = ["model.layers.0.self_attn.q_proj", "model.layers.0.mlp.down_proj"]


def save(name, config, tensors, expected):
    folder = FOLDER / name
    folder.mkdir(parents=True)
    config = {} if config is None else {"quantization_config": config}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    # Beside the quantised matrices, one that is not.
    plain = torch.randn(6, 8).bfloat16()
    tensors["model.embed_tokens.weight"] = plain
    expected["model.embed_tokens.weight"] = plain.float()
    for file, content in (("model", tensors), ("expected", expected)):
        content = {key: value.contiguous().clone() for key, value in content.items()}
        safetensors.torch.save_file(content, folder / f"{file}.safetensors")


def random_scales(*shape, dtype=torch.float16):
    return (torch.rand(shape) * 0.02 + 0.002).to(dtype)


# GPTQ

def auto_gptq(wheel):
    """AutoGPTQ's QuantLinear, without the package around it."""
    logging.disable(logging.WARNING)
    module = types.ModuleType("qlinear_cuda")
    source = zipfile.ZipFile(wheel).read("auto_gptq/nn_modules/qlinear/qlinear_cuda.py")
    exec(compile(source, "qlinear_cuda.py", "exec"), module.__dict__)
    return module.QuantLinear


def permuted_groups(columns, group):
    return (torch.randperm(columns) // group).to(torch.int32)


def gptq_matrix(linear, bits, group, rows, columns, *, sym, act_order=False, dtype=torch.float16):
    group = columns if group == -1 else group
    groups = -(-columns // group)
    index = torch.arange(columns, dtype=torch.int32) // group
    if act_order:
        index = permuted_groups(columns, group)
    scales = random_scales(groups, rows, dtype=dtype).float()
    zeros = torch.full((groups, rows), 2.0 ** (bits - 1))
    if not sym:
        zeros = torch.randint(1, 2 ** bits, (groups, rows)).float()
    codes = torch.randint(0, 2 ** bits, (columns, rows))
    weight = scales[index.long()] * (codes - zeros[index.long()])
    layer = linear(bits, group, columns, rows, bias=False, weight_dtype=torch.float32)
    float_layer = torch.nn.Linear(columns, rows, bias=False)
    float_layer.weight.data = weight.T.contiguous()
    layer.pack(float_layer, scales.T.contiguous(), zeros.T.contiguous(), index)
    decoded = layer(torch.eye(columns)).T
    assert torch.equal(decoded, weight.T), "AutoGPTQ changed the codes"
    tensors = {"qweight": layer.qweight, "qzeros": layer.qzeros, "scales": layer.scales.to(dtype),
               "g_idx": layer.g_idx}
    return tensors, decoded


def gptq(linear, name, bits, group, columns, *, config=(), version=1, drop_index=False, **options):
    tensors, expected = {}, {}
    for number, stem in enumerate(STEMS):
        matrix, decoded = gptq_matrix(linear, bits, group, 32 * (number + 1), columns, **options)
        if version == 2:
            matrix["qzeros"] += 0x11111111 if bits == 4 else 0x01010101
        if drop_index:
            del matrix["g_idx"]
        tensors |= {f"{stem}.{key}": value for key, value in matrix.items()}
        tensors[f"{stem}.bias"] = torch.randn(decoded.shape[0]).half()
        expected[f"{stem}.weight"] = decoded
    save(name, {
        "quant_method": "gptq", "bits": bits, "group_size": group, "sym": options["sym"],
        "desc_act": options.get("act_order", False), "damp_percent": 0.01,
        "true_sequential": True, "lm_head": False, **dict(config)}, tensors, expected)


def gptq_zero_zero(name):
    """Version 1 with zero points of 0, as GPTQModel writes them: it subtracts from whole words, so
    that 0 borrows from its neighbour, and adds to whole words when it reads."""
    rows, columns, group = 32, 64, 32
    codes = np.random.randint(0, 16, (columns, rows))
    zeros = np.random.randint(0, 4, (columns // group, rows))
    scales = random_scales(columns // group, rows)
    places = 4 * np.arange(8)
    qweight = (codes.reshape(-1, 8, rows) << places[None, :, None]).sum(1)
    qzeros = (zeros.reshape(-1, rows // 8, 8) << places).sum(2) - 0x11111111
    index = np.arange(columns) // group
    weight = scales.float().numpy()[index] * (codes - zeros[index]).astype(np.float32)
    save(name, {"quant_method": "gptq", "bits": 4, "group_size": group, "desc_act": False,
                "sym": False, "checkpoint_format": "gptq"}, {
        f"{STEMS[0]}.qweight": torch.from_numpy(qweight.astype(np.uint32).view(np.int32)),
        f"{STEMS[0]}.qzeros": torch.from_numpy((qzeros & 0xFFFFFFFF).astype(np.uint32).view(np.int32)),
        f"{STEMS[0]}.scales": scales,
        f"{STEMS[0]}.g_idx": torch.from_numpy(index.astype(np.int32)),
    }, {f"{STEMS[0]}.weight": torch.from_numpy(weight.T.copy())})


def all_gptq(linear):
    gptq(linear, "gptq4-asymmetric", 4, 32, 96, sym=False)
    gptq(linear, "gptq4-symmetric-no-index", 4, 64, 128, sym=True, drop_index=True,
         config={"checkpoint_format": "gptq", "model_file_base_name": "model"})
    gptq(linear, "gptq4-per-column", 4, -1, 64, sym=True, dtype=torch.bfloat16)
    gptq(linear, "gptq4-act-order", 4, 32, 128, sym=False, act_order=True)
    gptq(linear, "gptq4-act-order-ragged", 4, 40, 96, sym=False, act_order=True)
    gptq(linear, "gptq4-v2", 4, 32, 64, sym=False, version=2,
         config={"checkpoint_format": "gptq_v2", "pack_dtype": "int32", "dynamic": None,
                 "meta": {"quantizer": ["gptqmodel:2.2.0"], "mse": 0.0}})
    gptq(linear, "gptq8-symmetric", 8, 32, 96, sym=True)
    gptq(linear, "gptq8-act-order-v2", 8, 32, 96, sym=True, act_order=True, version=2,
         config={"checkpoint_format": "gptq_v2"})
    gptq(linear, "gptq8-asymmetric", 8, 32, 32, sym=False)
    gptq_zero_zero("gptq4-zero-zero")


# AWQ

AWQ_ORDER = [0, 2, 4, 6, 1, 3, 5, 7]


def awq_words(numbers):
    """Packs (n, rows) along rows: nibble i of a word holds row AWQ_ORDER[i] of its eight."""
    words = torch.zeros(numbers.shape[0], numbers.shape[1] // 8, dtype=torch.int64)
    for nibble, row in enumerate(AWQ_ORDER):
        words |= numbers[:, row::8] << (4 * nibble)
    return words.to(torch.int32)


def awq(name, group, columns):
    tensors, expected = {}, {}
    for number, stem in enumerate(STEMS):
        rows, size = 24 * (number + 1), columns if group == -1 else group
        codes = torch.randint(0, 16, (columns, rows))
        zeros = torch.randint(0, 16, (columns // size, rows))
        scales = random_scales(columns // size, rows)
        matrix = {"qweight": awq_words(codes), "qzeros": awq_words(zeros), "scales": scales}
        weight, scale, zero = AutoAWQConverter()._convert_gemm_module(
            matrix["qweight"], scales, matrix["qzeros"])
        expand = lambda values: values.float().repeat_interleave(size, dim=1)
        expected[f"{stem}.weight"] = expand(scale) * (weight.float() - expand(zero))
        tensors |= {f"{stem}.{key}": value for key, value in matrix.items()}
    save(name, {"quant_method": "awq", "bits": 4, "group_size": group, "zero_point": True,
                "version": "gemm", "modules_to_not_convert": None}, tensors, expected)


# compressed-tensors

def scale_and_zero(weight, args):
    """Scales that use the codes' range, shaped as the strategy stores them."""
    rows, columns = weight.shape
    if args.strategy == "tensor":
        parts = weight.reshape(1, -1)
    elif args.strategy == "channel":
        parts = weight.reshape(rows, 1, columns)
    elif args.strategy == "group":
        parts = weight.reshape(rows, -1, args.group_size)
    else:
        high, wide = args.block_structure
        padded = torch.nn.functional.pad(weight, (0, -columns % wide, 0, -rows % high))
        parts = padded.reshape(-(-rows // high), high, -(-columns // wide), wide)
        parts = parts.transpose(1, 2).flatten(2)
    largest = 448.0 if args.type == "float" else 2.0 ** (args.num_bits - 1) - 1
    scale = (parts.abs().amax(-1) / largest).clamp(1e-4)
    zero = torch.zeros(scale.shape, dtype=torch.int8)
    if not args.symmetric:
        zero = torch.randint(-8, 8, scale.shape).to(torch.int8)
    return scale, zero


def compressed(name, form, columns, *, scale_dtype=torch.bfloat16, group_format=False, extra=(),
               activations=False, index=False, **weights):
    args = QuantizationArgs(**weights)
    inputs = QuantizationArgs(num_bits=8, type=args.type, strategy="token", dynamic=True)
    scheme = QuantizationScheme(targets=["Linear"], weights=args,
                                input_activations=inputs if activations else None)
    compressor = BaseCompressor.get_value_from_registry(form)
    tensors, expected = {}, {}
    for number, stem in enumerate(STEMS):
        weight = torch.randn(20 * (number + 1) + 1, columns) * 0.1
        scale, zero = scale_and_zero(weight, args)
        scale = scale.to(scale_dtype)
        state = compressor.compress(
            {"weight": weight, "weight_scale": scale.float(), "weight_zero_point": zero}, scheme)
        wide = compressor.decompress(state, scheme)["weight"]
        assert wide.dtype == torch.float32
        state["weight_scale"] = scale
        if activations:
            state["input_scale"] = torch.tensor([0.5])  # changes activations, not weights
        if index:
            state, wide = with_index(weight, scale, zero, args)
        tensors |= {f"{stem}.{key}": value for key, value in state.items()}
        expected[f"{stem}.weight"] = wide
    group = {"targets": ["Linear"], "input_activations": None, "output_activations": None,
             "weights": {"num_bits": 8, "observer": "minmax", "dynamic": False, **weights}}
    if activations:
        group["input_activations"] = {"num_bits": 8, "strategy": "token", "dynamic": True}
    if group_format:
        group["format"] = form
    save(name, {
        "quant_method": "compressed-tensors", "quantization_status": "compressed",
        "format": "mixed-precision" if group_format else form, "config_groups": {"group_0": group},
        "ignore": ["lm_head"], "kv_cache_scheme": None, "global_compression_ratio": None,
        "sparsity_config": {}, "transform_config": {}, "version": "0.20.0", **dict(extra),
    }, tensors, expected)


def with_index(weight, scale, zero, args):
    """Groups of columns that a permutation chose, as compressed-tensors stored them until 2026."""
    groups = permuted_groups(weight.shape[1], args.group_size).long()
    wide, zeros = scale.float()[:, groups], zero[:, groups].float()
    half = 2 ** (args.num_bits - 1)
    codes = torch.clamp(torch.round(weight / wide) + zeros, -half, half - 1)
    state = {
        "weight_packed": pack_to_int32(codes.to(torch.int8), args.num_bits),
        "weight_scale": scale, "weight_shape": torch.tensor(weight.shape),
        "weight_g_idx": groups.to(torch.int32),
    }
    if not args.symmetric:
        state["weight_zero_point"] = pack_to_int32(zero, args.num_bits, packed_dim=0)
    return state, wide * (codes - zeros)


def all_compressed():
    four, eight, eight_float = dict(num_bits=4, type="int"), dict(num_bits=8, type="int"), \
        dict(num_bits=8, type="float")
    pack, integer, floating = "pack-quantized", "int-quantized", "float-quantized"
    group = dict(strategy="group", group_size=32)
    compressed("ct-pack4-group", pack, 64, **four, **group)
    compressed("ct-pack4-group-asymmetric", pack, 64, symmetric=False, **four, **group)
    compressed("ct-pack4-channel", pack, 43, strategy="channel", **four)
    compressed("ct-pack4-channel-asymmetric", pack, 40, symmetric=False, strategy="channel", **four)
    compressed("ct-pack4-tensor-asymmetric", pack, 40, symmetric=False, strategy="tensor", **four)
    compressed("ct-pack4-index", pack, 96, index=True, **four, **group)
    compressed("ct-pack4-index-asymmetric", pack, 96, index=True, symmetric=False, **four, **group)
    compressed("ct-pack8-group", pack, 64, **eight, **group)
    compressed("ct-pack8-channel", pack, 43, strategy="channel", group_format=True, **eight)
    compressed("ct-int8-channel", integer, 50, strategy="channel", activations=True, **eight)
    compressed("ct-int8-tensor", integer, 50, strategy="tensor", scale_dtype=torch.float32,
               activations=True, **eight)
    compressed("ct-naive4-group", "naive-quantized", 64, **four, **group)
    compressed("ct-float8-channel", floating, 50, strategy="channel", activations=True, **eight_float)
    compressed("ct-float8-tensor", floating, 50, strategy="tensor", activations=True, **eight_float)
    compressed("ct-float8-block", floating, 80, strategy="block", block_structure=[16, 32],
               group_format=True, **eight_float)
    compressed("ct-naive-float8-channel", "naive-quantized", 50, strategy="channel", **eight_float)


# FP8 and MXFP4

def fp8(name, config, scale_name, shapes, block=None, channel=False, extra=()):
    tensors, expected = {}, {}
    for stem, (rows, columns) in zip(STEMS, shapes):
        weight = (torch.randn(rows, columns) * 100).to(torch.float8_e4m3fn)
        shape = () if block is None else (-(-rows // block[0]), -(-columns // block[1]))
        scale = random_scales(*((rows, 1) if channel else shape), dtype=torch.float32)
        if channel:
            wide = weight.float() * scale
        else:
            wide = _dequantize_fp8_weight(weight, scale, block, torch.float32)
        tensors |= {f"{stem}.weight": weight, f"{stem}.{scale_name}": scale}
        tensors |= {f"{stem}.{key}": torch.tensor(value) for key, value in dict(extra).items()}
        expected[f"{stem}.weight"] = wide
    save(name, {"quant_method": "fp8", **config}, tensors, expected)


def all_fp8():
    dynamic = {"activation_scheme": "dynamic"}
    block = dynamic | {"fmt": "e4m3", "scale_fmt": "ue8m0", "modules_to_not_convert": ["lm_head"]}
    fp8("fp8-block", block | {"weight_block_size": [128, 128]}, "weight_scale_inv",
        [(130, 140), (20, 256)], block=(128, 128))
    fp8("fp8-small-blocks", block | {"weight_block_size": [16, 32]}, "weight_scale_inv",
        [(32, 64), (40, 80)], block=(16, 32))
    fp8("fp8-tensor", {"activation_scheme": "static", "ignored_layers": ["lm_head"]},
        "weight_scale", [(12, 40), (9, 33)], extra={"input_scale": 0.25})
    fp8("fp8-tensor-inverse", dynamic | {"weight_block_size": None}, "weight_scale_inv",
        [(12, 40), (9, 33)])
    fp8("fp8-channel", dynamic, "weight_scale", [(12, 40), (9, 33)], channel=True)


def fp8_exponents(name):
    """Scales stored as exponents, and experts in one tensor."""
    torch.manual_seed(2)
    block = (16, 32)
    tensors, expected = {}, {}
    for stem, shape in ((f"{STEMS[0]}.weight", (20, 70)), (f"{EXPERTS}.gate_up_proj", (3, 40, 70)),
                        (f"{EXPERTS}.down_proj", (3, 20, 64))):
        weight = (torch.randn(shape) * 100).to(torch.float8_e4m3fn)
        grid = [*shape[:-2], -(-shape[-2] // block[0]), -(-shape[-1] // block[1])]
        scale = torch.randint(110, 125, grid, dtype=torch.uint8).view(torch.float8_e8m0fnu)
        wide = [_dequantize_fp8_weight(part, grid, list(block), torch.float32)
                for part, grid in zip(weight.view(-1, *shape[-2:]), scale.view(-1, *grid[-2:]))]
        tensors |= {stem: weight, f"{stem}_scale_inv": scale}
        expected[stem] = torch.cat(wide)
    save(name, {"quant_method": "fp8", "fmt": "e4m3", "scale_fmt": "ue8m0",
                "weight_block_size": list(block)}, tensors, expected)


def mxfp4():
    tensors, expected = {}, {}
    for stem, rows, columns in ((f"{EXPERTS}.gate_up_proj", 6, 64), (f"{EXPERTS}.down_proj", 5, 96)):
        blocks = torch.randint(0, 256, (2, rows, columns // 32, 16), dtype=torch.uint8)
        scales = torch.randint(0, 250, (2, rows, columns // 32), dtype=torch.uint8)
        tensors |= {f"{stem}_blocks": blocks, f"{stem}_scales": scales}
        wide = convert_moe_packed_tensors(blocks, scales, dtype=torch.float32)
        # transformers keeps (experts, inputs, outputs).
        expected[stem] = wide.transpose(1, 2).reshape(-1, columns)
        tensors[f"{stem}_bias"] = torch.randn(2, rows).bfloat16()
    save("mxfp4", {"quant_method": "mxfp4", "modules_to_not_convert": ["model.layers.*.self_attn"]},
         tensors, expected)


# Floats

def floats():
    """Matrices that are not quantised; those in `transposed.` lie as (inputs, outputs)."""
    tensors, expected = {}, {}
    for dtype in (torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float64):
        name = str(dtype).removeprefix("torch.")
        matrix = torch.randn(7, 10).to(dtype)
        tensors |= {f"{name}.weight": matrix, f"transposed.{name}.weight": matrix}
        expected[f"{name}.weight"] = matrix.float()
        expected[f"transposed.{name}.weight"] = matrix.float().T
    experts = torch.randn(3, 7, 10).bfloat16()
    tensors |= {"experts": experts, "transposed.experts": experts}
    expected["experts"] = experts.float().reshape(-1, 10)
    expected["transposed.experts"] = experts.float().transpose(1, 2).reshape(-1, 7)
    save("floats", None, tensors, expected)


def main():
    torch.manual_seed(1)
    np.random.seed(1)
    shutil.rmtree(FOLDER, ignore_errors=True)
    all_gptq(auto_gptq(sys.argv[1]))
    awq("awq-group", 32, 96)
    awq("awq-per-column", -1, 40)
    all_compressed()
    all_fp8()
    mxfp4()
    floats()
    fp8_exponents("fp8-exponents")


if __name__ == "__main__":
    main()
