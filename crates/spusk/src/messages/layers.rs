//! Errors of networks: layers, losses and what stands before them do not fit.

messages! {
    // What a layer reads.
    layer_input(shape, wanted) {
        en: "the input has shape {shape}, expected {wanted}",
        ru: "форма входа {shape}, ожидалось: {wanted}",
    }
    layer_input_cure(shape, wanted, cure) {
        en: "the input has shape {shape}, expected {wanted}; {cure}",
        ru: "форма входа {shape}, ожидалось: {wanted}; {cure}",
    }
    layer_images() {
        en: "images [batch, height, width, channels]",
        ru: "картинки [batch, height, width, channels]",
    }
    layer_sequences() { en: "sequences [batch, time, channels]", ru: "последовательности [batch, time, channels]" }
    layer_images_or_sequences() {
        en: "images [batch, height, width, channels] or sequences [batch, time, channels]",
        ru: "картинки [batch, height, width, channels] или последовательности [batch, time, channels]",
    }
    layer_features() { en: "[batch, features]", ru: "строки [batch, features]" }
    layer_tokens() {
        en: "[batch, tokens] where token 0 is padding",
        ru: "[batch, tokens], где токен 0 — заполнение",
    }
    layer_embedded() {
        en: "sequences [batch, time, features]",
        ru: "последовательности [batch, time, features]",
    }
    layer_movies() {
        en: "sequences of pictures [batch, time, height, width, channels]",
        ru: "последовательности картинок [batch, time, height, width, channels]",
    }
    layer_multiple(height, width) {
        en: "[batch, features] with a multiple of {height} · {width} features",
        ru: "[batch, features], где признаков кратно {height} · {width}",
    }
    layer_channels(least) {
        en: "[batch, window, channels] with at least {least} channels",
        ru: "[batch, window, channels], где каналов хотя бы {least}",
    }
    cure_layer_data() {
        en: "give it such data, or put it in front of the layers that flatten them",
        ru: "дайте такие данные или поставьте слой перед теми, что вытягивают их в строку",
    }
    cure_layer_embedding() {
        en: "put an `embedding` in front of token numbers",
        ru: "поставьте перед номерами токенов `embedding`",
    }
    cure_layer_dense(width) { en: "put `dense {width}` in front of it", ru: "поставьте перед ним `dense {width}`" }
    cure_layer_features() {
        en: "give each row a list of features",
        ru: "пусть в каждой строке будет список признаков",
    }
    cure_layer_recurrent() {
        en: "a row of a table has no time: give sequences, or use dense",
        ru: "в строке таблицы времени нет: дайте последовательности или возьмите dense",
    }
    cure_layer_movies() {
        en: "give such data; for single pictures use conv2d, for sequences of numbers lstm",
        ru: "дайте такие данные; для отдельных картинок есть conv2d, для последовательностей чисел lstm",
    }

    // What a layer is asked for.
    layer_window(axis, shape, what) {
        en: "along axis {axis} of {shape}, {what}",
        ru: "по оси {axis} формы {shape} окна не помещаются ({what})",
    }
    layer_output_padding(padding, stride, most) {
        en: "output_padding {padding} is not below the stride {stride}; set it to 0 to {most}",
        ru: "output_padding {padding} не меньше шага {stride}; возьмите от 0 до {most}",
    }
    layer_padding(padding, size) {
        en: "padding {padding} leaves nothing of the output of an input of {size} pixels; make it smaller",
        ru: "padding {padding} не оставляет от выхода ничего при входе в {size} пикселей; возьмите меньше",
    }
    layer_groups(inputs, outputs, groups) {
        en: "{inputs} input and {outputs} output channels do not make {groups} groups; both numbers must be multiples of it",
        ru: "из {inputs} входных и {outputs} выходных каналов не выходит групп: {groups}; оба числа должны быть кратны ему",
    }
    layer_same_stride(stride) {
        en: "with padding=same and stride {stride} the place of a window depends on the padding behind a text; use padding=causal, or a number",
        ru: "при padding=same и шаге {stride} место окна зависит от заполнения за текстом; возьмите padding=causal или число",
    }
    layer_heads(features, heads) {
        en: "{features} features cannot be cut into {heads} equal heads; choose a number that divides {features}",
        ru: "{features} признаков не делятся поровну на {heads} голов; выберите делитель числа {features}",
    }
    layer_norm_groups(channels, groups) {
        en: "{channels} channels cannot be put into {groups} equal groups; choose a number that divides {channels}",
        ru: "{channels} каналов не делятся на {groups} равных групп; выберите делитель числа {channels}",
    }
    layer_residual(from, to, cure) {
        en: "the input has shape {from}, the layers inside make {to}; {cure}",
        ru: "форма входа {from}, а слои внутри дают {to}; {cure}",
    }
    cure_residual_project() {
        en: "end them with the input's size, or set project=true",
        ru: "пусть они кончаются размером входа, или поставьте project=true",
    }
    cure_residual_axes() { en: "keep the number of axes", ru: "сохраните число осей" }
    layer_enlarge(from, to, scale) {
        en: "the enlarged input has shape {from}, the layers inside make {to}; end them with `pixel_shuffle {scale}`",
        ru: "форма увеличенного входа {from}, а слои внутри дают {to}; пусть они кончаются на `pixel_shuffle {scale}`",
    }
    layer_shuffle(channels, side, factor) {
        en: "{channels} channels cannot become {side} × {side} pixels each; make their number a multiple of {factor}",
        ru: "из {channels} каналов не выходит по {side} × {side} пикселей; пусть их число будет кратно {factor}",
    }
    layer_beyond(start, length, width) {
        en: "start {start} and length {length} go beyond the {width} features",
        ru: "start {start} и length {length} выходят за пределы признаков ({width})",
    }
    layer_too_many(size, scale) {
        en: "{size} elements times {scale} are too many",
        ru: "{size} элементов, умноженные на {scale}, — слишком много",
    }
    layer_few_turns(turns, steps) {
        en: "the input has {turns} elements, expected at least {steps}; use fewer steps",
        ru: "элементов во входе {turns}, ожидалось хотя бы {steps}; возьмите меньше шагов",
    }
    layer_last_of_texts() {
        en: "the last few elements of texts of many lengths are no sequence of one length; use `last`",
        ru: "последние элементы текстов разной длины — не последовательность одной длины; возьмите `last`",
    }
    layer_expansion(expansion) { en: "expansion = {expansion} is too large", ru: "expansion = {expansion}: слишком много" }
    layer_dropout(rate) {
        en: "dropout_rate = {rate}, expected at least 0 and below 1",
        ru: "dropout_rate = {rate}, ожидалось не меньше 0 и меньше 1",
    }
    layer_num_layers(layers, most) {
        en: "num_layers = {layers}, expected 1 to {most}",
        ru: "num_layers = {layers}, ожидалось от 1 до {most}",
    }
    layer_few_features(width, parts) {
        en: "the input has {width} features, expected at least one for each of {parts} parts; use fewer parts, or train=rows",
        ru: "признаков во входе {width}, ожидалось хотя бы по одному на каждую из частей ({parts}); возьмите меньше частей или train=rows",
    }
    layer_forecast(got, batch, each, horizon, series) {
        en: "the layers inside make {got}, expected [{batch}, {each}] for {horizon} steps of {series} series, or a multiple of it; end them with `dense {each}`",
        ru: "слои внутри дают {got}, ожидалось [{batch}, {each}] (шагов {horizon}, рядов {series}) или кратное этому; пусть они кончаются на `dense {each}`",
    }
    layer_mixes_padding(layer) {
        en: "`{layer}` would mix the padding of short texts into them; use conv1d, a recurrent layer, attention, global_max_pool, global_avg_pool or last",
        ru: "`{layer}` примешал бы к коротким текстам заполнение; возьмите conv1d, рекуррентный слой, attention, global_max_pool, global_avg_pool или last",
    }
    network_twice(layer) {
        en: "the network ends with `{layer}`, which this loss applies itself, in a more exact form; leave the last layer out",
        ru: "сеть кончается на `{layer}`, а эта потеря применяет его сама, и точнее; уберите последний слой",
    }
    network_no_weights() {
        en: "the outputs do not depend on the features; add a layer with weights",
        ru: "выходы не зависят от признаков; добавьте слой с весами",
    }

    // What a loss reads.
    loss_targets(outputs, targets, width) {
        en: "the last layer's output has shape {outputs}, the targets {targets}; end the network with `dense {width}`",
        ru: "форма выхода последнего слоя {outputs}, целей — {targets}; пусть сеть кончается на `dense {width}`",
    }
    loss_classes(outputs) {
        en: "the last layer's output has shape {outputs}, expected [batch, classes]; put `flatten` before the last `dense`",
        ru: "форма выхода последнего слоя {outputs}, ожидалось [batch, classes]; поставьте `flatten` перед последним `dense`",
    }
    loss_labels(targets, batch, classes) {
        en: "the targets have shape {targets}, expected class indices [{batch}] or probabilities [{batch}, {classes}]",
        ru: "форма целей {targets}, ожидались номера классов [{batch}] или вероятности [{batch}, {classes}]",
    }
    loss_class_weights(count, classes) {
        en: "{count} class weights for {classes} classes; give one number a class",
        ru: "весов классов {count}, а классов {classes}; дайте по числу на класс",
    }
    loss_pos_weight(count, outputs) {
        en: "pos_weight has {count} numbers for {outputs} outputs; give one for all or one each",
        ru: "в pos_weight чисел {count}, а выходов {outputs}; дайте одно на все или по одному",
    }
    loss_hinge() {
        en: "the targets are probabilities, expected class indices; use cross_entropy",
        ru: "цели — вероятности, а ожидались номера классов; возьмите cross_entropy",
    }
    loss_quantiles(outputs, targets, count, width) {
        en: "the last layer's output has shape {outputs}, the targets {targets}, with {count} quantiles; end the network with `dense {width}`",
        ru: "форма выхода последнего слоя {outputs}, целей — {targets}, квантилей {count}; пусть сеть кончается на `dense {width}`",
    }
}
