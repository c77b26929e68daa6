"""ONNX Runtime, one example forward. The network is written node by node."""
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import common


def forward(w, _variant):
    r, sizes, name = np.random.default_rng(0), w["sizes"], "x"
    nodes, tensors = [], []
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        tensors.append(numpy_helper.from_array(common.uniform(r, a, b, a), f"weight{i}"))
        tensors.append(numpy_helper.from_array(common.uniform(r, a, b), f"bias{i}"))
        nodes.append(helper.make_node("Gemm", [name, f"weight{i}", f"bias{i}"], [f"sum{i}"], transB=1))
        name = f"sum{i}"
        if i + 2 < len(sizes):
            nodes.append(helper.make_node("Relu", [name], [f"out{i}"]))
            name = f"out{i}"
    value = lambda name, size: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, size])
    graph = helper.make_graph(nodes, "mlp", [value("x", sizes[0])], [value(name, sizes[-1])], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(sys.argv[3])
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    data = [x for x, _ in common.pool(w)]
    return common.clock(lambda i: session.run(None, {"x": data[i % common.POOL]}))


common.main("onnxruntime", forward=forward)
