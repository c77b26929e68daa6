//! Commands that show something: a description, lists, one neuron, files for other programs, times.

messages! {
    error_word(what) { en: "error: {what}", ru: "ошибка: {what}" }
    error_more_help() {
        en: "For more information, try '--help'.",
        ru: "Подробнее — с флагом --help.",
    }
    cannot_write(place, why) { en: "cannot write {place}: {why}", ru: "не удаётся записать {place}: {why}" }
    cannot_overwrite(file) {
        en: "{file} is read, so it is not written over; name another file with --out",
        ru: "{file} читается, поэтому поверх него не пишется; назовите флагом --out другой файл",
    }
    standard_output() { en: "standard output", ru: "стандартный вывод" }
    saved_as(run) { en: "saved as {run}", ru: "сохранено: {run}" }
    file_bytes(file, bytes) { en: "{file}: {bytes} bytes", ru: "{file}: {bytes} Б" }
    picture_saved(file) { en: "picture: {file}", ru: "картинка: {file}" }

    // A network in numbers.
    describe_inputs(source, inputs) {
        en: "{source}: {inputs} inputs per example",
        ru: "{source}: входов у примера: {inputs}",
    }
    describe_shape(source, shape) {
        en: "{source}: {shape} per example",
        ru: "{source}: размеры примера: {shape}",
    }
    describe_method(loss, optimizer) {
        en: "loss {loss}, optimizer {optimizer}",
        ru: "потеря {loss}, метод {optimizer}",
    }
    describe_step(examples) {
        en: "a training step on {examples} examples",
        ru: "шаг обучения, примеров в пачке: {examples}",
    }
    describe_prediction() { en: "a prediction for one example", ru: "предсказание для одного примера" }
    describe_work(flop, kernels) { en: "{flop} in {kernels} kernels", ru: "{flop}, ядер: {kernels}" }
    describe_arena() { en: "arena", ru: "рабочая память" }
    describe_state() { en: "state (parameters, optimizer)", ru: "состояние (параметры, метод)" }
    describe_bytes(bytes) { en: "{bytes} bytes", ru: "{bytes} Б" }
    describe_bytes_short(bytes, short) { en: "{bytes} bytes ({short})", ru: "{bytes} Б ({short})" }
    describe_kernels(level) {
        en: "kernels of a training step, for {level}",
        ru: "ядра шага обучения, для {level}",
    }
    column_kernel() { en: "kernel", ru: "ядро" }
    column_bytes() { en: "bytes", ru: "байт" }

    // What can be named.
    list_models() { en: "models", ru: "сети (models)" }
    list_layers() { en: "layers", ru: "слои (layers)" }
    list_losses() { en: "losses", ru: "потери (losses)" }
    list_optimizers() { en: "optimizers", ru: "методы (optimizers)" }
    list_schedules() { en: "schedules", ru: "расписания (schedules)" }
    list_sources() { en: "sources", ru: "источники (sources)" }
    list_more() {
        en: "With their arguments: spusk list layers, and so on",
        ru: "С аргументами: spusk list layers и так далее",
    }
    list_example(example) { en: "for example: {example}", ru: "например: {example}" }
    list_default(value) { en: "default {value}", ru: "если не дано: {value}" }
    list_required() { en: "must be given", ru: "дать обязательно" }

    // One neuron.
    neuron_input(number) { en: "input {number}", ru: "вход {number}" }
    neuron_sum() { en: "sum", ru: "сумма" }
    neuron_go() { en: "go", ru: "да" }
    neuron_stay() { en: "stay", ru: "нет" }
    neuron_counts(inputs, weights) {
        en: "{inputs} inputs for {weights} weights; give one weight for each input",
        ru: "входов {inputs}, а весов {weights}; дайте каждому входу по весу",
    }
    neuron_no_activation(name) {
        en: "`{name}` is no activation; take one such as threshold or sigmoid",
        ru: "`{name}` — не функция активации; возьмите, например, threshold или sigmoid",
    }
    neuron_overflow() {
        en: "the sum of inputs times weights is larger than numbers go (about 1.8e308); take smaller inputs or weights",
        ru: "сумма входов, умноженных на веса, больше самого большого числа (около 1.8e308); возьмите входы или веса поменьше",
    }
    neuron_not_finite(number) {
        en: "{number} is not a finite number",
        ru: "{number} — не конечное число",
    }
    neuron_one_activation(given) {
        en: "--activation {given}: expected one activation, such as threshold",
        ru: "--activation {given}: ожидалась одна функция активации, например threshold",
    }

    // Files for other programs, and from them.
    export_examples(file, examples) {
        en: "{file}: {examples} examples",
        ru: "{file}: примеров: {examples}",
    }
    column_tensor() { en: "tensor", ru: "тензор" }
    column_shape() { en: "shape", ru: "размеры" }
    import_by_order(pairs) {
        en: "these parts look alike and were told apart by their order; check them, or say which is which with --map: {pairs}",
        ru: "эти части похожи, и различены они по порядку; проверьте их или скажите через --map, что есть что: {pairs}",
    }
    import_absent(name) {
        en: "`{name}` is not in the file; it stays as it is",
        ru: "`{name}` в файле нет; остаётся как есть",
    }

    // Codes.
    encode_rows(rows) { en: "{rows} rows encoded", ru: "закодировано строк: {rows}" }
    encode_row() { en: "1 row encoded", ru: "закодирована одна строка" }
    encode_first(rows) {
        en: "the first {rows} rows are on the map",
        ru: "на карте только первые строки: {rows}",
    }
    encode_no_code(run) {
        en: "{run}: the run predicts a target and has no code; train one with --task autoencode",
        ru: "{run}: сеть предсказывает цель, и кода у неё нет; обучите автокодировщик: --task autoencode",
    }
    encode_no_images(source) {
        en: "{source}: the rows are no images, so --pictures has none to show",
        ru: "{source}: строки — не картинки, и флагу --pictures нечего показать",
    }

    // Restored pictures.
    enhance_against() { en: "against the true picture", ru: "рядом с верной картинкой" }
    enhance_psnr() { en: "PSNR, dB", ru: "PSNR, дБ" }
    enhance_done(width, height, time, file, tile, overlap, memory) {
        en: "{width} × {height} pixels in {time}: {file}; tiles of {tile} overlap by {overlap}, {memory} each",
        ru: "{width} × {height} пикселей за {time}: {file}; плитки по {tile} перекрываются на {overlap}, памяти на каждую {memory}",
    }
    enhance_other_noise(sigma) {
        en: "the network was trained for noise of σ = {sigma}",
        ru: "сеть обучена на шуме с σ = {sigma}",
    }
    enhance_not_made(run) {
        en: "{run}: the run restores no pictures; train one with --task denoise or --task upscale",
        ru: "{run}: эта сеть не восстанавливает картинок; обучите такую: --task denoise или --task upscale",
    }
    enhance_denoises(run) {
        en: "{run}: the network takes noise off; test it with --noise SIGMA",
        ru: "{run}: эта сеть снимает шум; проверяется она флагом --noise SIGMA",
    }
    enhance_enlarges(run) {
        en: "{run}: the network enlarges; test it with --reduce",
        ru: "{run}: эта сеть увеличивает; проверяется она флагом --reduce",
    }
    enhance_reference(file, height, width, want_height, want_width) {
        en: "{file}: the picture has {height} × {width} pixels, expected {want_height} × {want_width} as the result has",
        ru: "{file}: в картинке пикселей {height} × {width}, ожидалось {want_height} × {want_width}, как у результата",
    }
    enhance_too_small(file, height, width, factor) {
        en: "{file}: the picture has {height} × {width} pixels, too few to reduce by {factor}",
        ru: "{file}: в картинке пикселей {height} × {width}, слишком мало, чтобы уменьшить в {factor} раза",
    }

    // Times.
    bench_step(time, low, high, examples, speed, threads, kernels) {
        en: "{time} µs a step (10 % below {low}, 10 % above {high}), {examples} examples/s, {speed} GFLOP/s, {threads} threads, {kernels} kernels",
        ru: "шаг {time} мкс (10 % ниже {low}, 10 % выше {high}), примеров/с: {examples}, {speed} GFLOP/с, потоков {threads}, ядер {kernels}",
    }
    bench_floor(share, peak, time) {
        en: "{share} of that is the floor: its operations at the {peak} GFLOP/s of a large matrix product take {time} µs",
        ru: "{share} этого — предел снизу: при {peak} GFLOP/с большого произведения матриц на эти действия уходит {time} мкс",
    }
    bench_whole(first, epoch, first_bar, second_bar, threads, memory) {
        en: "first step after {first}, {epoch} an epoch, 97.5 % after {first_bar}, 98 % after {second_bar}; {threads} threads, at most {memory} MB of memory",
        ru: "первый шаг через {first}, эпоха {epoch}, 97,5 % через {first_bar}, 98 % через {second_bar}; потоков {threads}, памяти не больше {memory} МБ",
    }
    bench_not_reached() { en: "not reached", ru: "(не достигнуто)" }
    bench_unknown() { en: "unknown", ru: "неизвестно сколько" }
    bench_accuracies(list) { en: "accuracy by epoch: {list}", ru: "точность по эпохам: {list}" }
    bench_layers() { en: "layers", ru: "слои" }
    bench_microseconds() { en: "µs", ru: "мкс" }
    bench_kernel_speed() { en: "GFLOP/s", ru: "GFLOP/с" }
    bench_bandwidth() { en: "GB/s", ru: "ГБ/с" }
    bench_kernels_together(count) {
        en: "together: {count} kernels on one thread",
        ru: "вместе, ядер {count}, в одном потоке",
    }
    scaling_doubles() { en: "what doubles", ru: "что удваивается" }
    scaling_size() { en: "size", ru: "размер" }
    scaling_flops() { en: "FLOPs ×", ru: "действий ×" }
    scaling_times() { en: "time ×", ru: "время ×" }
    scaling_width() { en: "width", ru: "ширина" }
    scaling_depth() { en: "depth", ru: "глубина" }
    scaling_batch() { en: "batch", ru: "пачка" }
    scaling_rows() { en: "rows", ru: "строки" }
    scaling_an_epoch() { en: "an epoch", ru: "эпоха" }
    scaling_a_step() { en: "a step", ru: "шаг" }
    bench_only_plans() {
        en: "--kernels takes W1 to W9 and W9-lenet, which are one plan each",
        ru: "--kernels берёт от W1 до W9 и W9-lenet: у каждого из них один план",
    }
    bench_bad_seconds(given) {
        en: "--seconds {given}: expected a time such as 3",
        ru: "--seconds {given}: ожидалось время, например 3",
    }
    bench_needs_data() {
        en: "W10 needs --data DIR, the directory of the MNIST files",
        ru: "для W10 нужен --data DIR, каталог с файлами MNIST",
    }
    bench_no_workload(name, known) {
        en: "no workload is named `{name}`; there are {known}",
        ru: "задачи `{name}` нет; есть {known}",
    }

    // The workloads.
    workload_w1() {
        en: "784-128-10 ReLU, cross-entropy, SGD, batch 64",
        ru: "784-128-10 ReLU, перекрёстная энтропия, SGD, пачка 64",
    }
    workload_w2() {
        en: "784-512-512-10 ReLU, cross-entropy, Adam, batch 128",
        ru: "784-512-512-10 ReLU, перекрёстная энтропия, Adam, пачка 128",
    }
    workload_w3() {
        en: "2-16-16-1 tanh, mean squared error, SGD, batch 32",
        ru: "2-16-16-1 tanh, средний квадрат ошибки, SGD, пачка 32",
    }
    workload_w4() {
        en: "LeNet on 28×28 images, cross-entropy, SGD with momentum, batch 64",
        ru: "LeNet на картинках 28×28, перекрёстная энтропия, SGD с моментом, пачка 64",
    }
    workload_w5() {
        en: "ResNet-20 on 3×32×32 images, cross-entropy, SGD with momentum, batch 32",
        ru: "ResNet-20 на картинках 3×32×32, перекрёстная энтропия, SGD с моментом, пачка 32",
    }
    workload_w6() {
        en: "embedding 128, LSTM 256, 65 tokens, sequence 64, Adam, batch 32",
        ru: "вложение 128, LSTM 256, токенов 65, длина 64, Adam, пачка 32",
    }
    workload_w6b() {
        en: "embedding 128, GRU 256, 65 tokens, sequence 64, Adam, batch 32",
        ru: "вложение 128, GRU 256, токенов 65, длина 64, Adam, пачка 32",
    }
    workload_w7() {
        en: "autoencoder 784-256-64-256-784 ReLU, sigmoid out, squared error, Adam, batch 128",
        ru: "автокодировщик 784-256-64-256-784 ReLU, на выходе сигмоида, квадрат ошибки, Adam, пачка 128",
    }
    workload_w8() {
        en: "gpt-mini: 4 causal blocks of 4 heads, width 128, context 128, 65 tokens, AdamW, batch 16",
        ru: "gpt-mini: 4 причинных блока по 4 головы, ширина 128, контекст 128, токенов 65, AdamW, пачка 16",
    }
    workload_w10() {
        en: "whole process: MNIST from its files, 784-256-128-10 ReLU, Adam, batch 128",
        ru: "весь процесс: MNIST из файлов, 784-256-128-10 ReLU, Adam, пачка 128",
    }
}

/// What is doubled, by the name that programs read.
#[must_use]
pub fn scaling(l: Language, what: &str) -> String {
    match what {
        "width" => scaling_width(l),
        "depth" => scaling_depth(l),
        "batch" => scaling_batch(l),
        "rows" => scaling_rows(l),
        other => other.into(),
    }
}
