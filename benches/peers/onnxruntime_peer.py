"""ONNX Runtime, one example forward. The network is written node by node."""
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import common


def forward(w, _variant):
    r, name = np.random.default_rng(0), "x"
    nodes, tensors = [], []
    shape, sizes = [1, w.get("sizes", [0])[0]], w.get("sizes")
    if w.get("kind") == "lenet":
        shape, sizes = [1, *common.IMAGES["lenet"]], [400, 120, 84, 10]
        for at, a, b, pad in [("a", 1, 6, 2), ("b", 6, 16, 0)]:
            tensors.append(numpy_helper.from_array(common.uniform(r, 25 * a, b, a, 5, 5), f"kernel_{at}"))
            tensors.append(numpy_helper.from_array(common.uniform(r, 25 * a, b), f"bias_{at}"))
            nodes.append(helper.make_node("Conv", [name, f"kernel_{at}", f"bias_{at}"], [f"conv_{at}"], pads=[pad] * 4))
            nodes.append(helper.make_node("Relu", [f"conv_{at}"], [f"relu_{at}"]))
            nodes.append(helper.make_node("MaxPool", [f"relu_{at}"], [f"pool_{at}"], kernel_shape=[2, 2], strides=[2, 2]))
            name = f"pool_{at}"
        nodes.append(helper.make_node("Flatten", [name], ["flat"]))
        name = "flat"
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        tensors.append(numpy_helper.from_array(common.uniform(r, a, b, a), f"weight{i}"))
        tensors.append(numpy_helper.from_array(common.uniform(r, a, b), f"bias{i}"))
        nodes.append(helper.make_node("Gemm", [name, f"weight{i}", f"bias{i}"], [f"sum{i}"], transB=1))
        name = f"sum{i}"
        if i + 2 < len(sizes):
            nodes.append(helper.make_node("Relu", [name], [f"out{i}"]))
            name = f"out{i}"
    value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "network", [value("x", shape)], [value(name, [1, sizes[-1]])], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(sys.argv[3])
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    data = [x for x, _ in common.pool(w)]
    return common.clock(lambda i: session.run(None, {"x": data[i % common.POOL]}))


common.main("onnxruntime", forward=forward)
