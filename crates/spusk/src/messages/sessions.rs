//! Errors of a whole training and of saved networks: what does not go together.

messages! {
    // Settings against each other, the data or the network.
    apart_no_checkpoints() {
        en: "parts that are trained apart keep no checkpoints, so the run cannot go on; train it anew",
        ru: "части, обучаемые порознь, не хранят контрольных точек, поэтому продолжить обучение нельзя; обучите заново",
    }
    apart_no_augment() {
        en: "augment has no meaning for parts that are trained apart; use train=joint",
        ru: "augment не имеет смысла для частей, обучаемых порознь; возьмите train=joint",
    }
    apart_stopped() {
        en: "stopped before the parts were trained; parts that are trained apart keep no checkpoints, so nothing is saved; train anew, or with train=joint",
        ru: "остановлено раньше, чем части обучились; части, обучаемые порознь, не хранят контрольных точек, поэтому ничего не сохранено; обучите заново или с train=joint",
    }
    apart_no_forecast() {
        en: "a `modular` layer with train=rows or train=columns cannot forecast, since its parts would correct one linear forecast together; use train=joint",
        ru: "слой `modular` с train=rows или train=columns не прогнозирует: его части вместе поправляли бы один линейный прогноз; возьмите train=joint",
    }
    apart_only_layer() {
        en: "a `modular` layer with train=rows or train=columns must be the only layer, since nothing else is trained with its parts; put the other layers into it",
        ru: "слой `modular` с train=rows или train=columns должен быть единственным: вместе с его частями больше ничего не обучается; перенесите остальные слои внутрь",
    }
    apart_few_rows(rows, parts) {
        en: "{rows} training rows cannot be dealt to {parts} parts; use fewer parts, or train=columns",
        ru: "обучающих строк {rows}, а частей {parts}: не раздать; возьмите меньше частей или train=columns",
    }
    augment_unknown(name, cure) {
        en: "augment: there is no augmentation `{name}`; {cure}",
        ru: "augment: изменения `{name}` нет; {cure}",
    }
    augment_no_image(shape) {
        en: "augment: an example has shape {shape}, expected [height, width, channels]; only images can be augmented",
        ru: "augment: форма примера {shape}, ожидалась [высота, ширина, каналы]; менять можно только картинки",
    }
    augment_no_patches() {
        en: "augment has no meaning for patches of pictures, which are turned and mirrored anyway; leave it out",
        ru: "augment не имеет смысла для вырезок из картинок: их и так поворачивают и отражают; уберите его",
    }
    text_no_column() {
        en: "the network reads the tokens of texts, and the data have no column of texts; name one with --text, or choose another --model",
        ru: "сеть читает тексты, а столбца текстов в данных нет; назовите его флагом --text или выберите другую --model",
    }
    loss_without(loss, what) {
        en: "the loss `{loss}` has no {what}; use cross_entropy, or leave {what} out",
        ru: "у потери `{loss}` нет {what}; возьмите cross_entropy или уберите {what}",
    }
    class_weights_unknown(name, names) {
        en: "class_weights: there is no class `{name}`; the classes are {names}",
        ru: "class_weights: класса `{name}` нет; есть классы {names}",
    }
    diverged_before(loss, steps) {
        en: "the loss is {loss} after {steps} steps",
        ru: "потеря после шагов ({steps}) равна {loss}",
    }

    // Saved networks.
    weights_absent(file, name, names) {
        en: "{file}: there is no `{name}`; there are {names}",
        ru: "{file}: тензора `{name}` нет; есть {names}",
    }
    weights_shape(file, name, got, want) {
        en: "{file}: `{name}` has shape {got}, this network needs {want}; use the weights of the same layers",
        ru: "{file}: форма `{name}` — {got}, а этой сети нужна {want}; возьмите веса тех же слоёв",
    }
    weights_wrong(file, problem) { en: "{file}: {problem}", ru: "файл {file}: {problem}" }
    run_no_layers(run) {
        en: "{run}: experiment.toml does not name the layers; it is not a resolved experiment",
        ru: "{run}: в experiment.toml не названы слои; это настройки, где ещё не всё выбрано",
    }
    data_changed(source, so) {
        en: "{source}: the data are not those of the training any more, so {so}",
        ru: "{source}: данные уже не те, на которых шло обучение, поэтому {so}",
    }
    so_no_test_part() {
        en: "its test part cannot be told from the rest; name the rows to score with --data",
        ru: "тестовую часть не отличить от остального; назовите строки для оценки флагом --data",
    }
    so_no_examples() {
        en: "there are no examples of it; export without them",
        ru: "примеров для него нет; экспортируйте без них",
    }
    so_no_surface() {
        en: "there is no loss surface of this training on them",
        ru: "поверхности потерь этого обучения на них нет",
    }
    run_no_test_part(source) {
        en: "{source}: the run held out no test part; name the rows to score with --data",
        ru: "{source}: тестовую часть при обучении не откладывали; назовите строки для оценки флагом --data",
    }
    checkpoint_of_another() {
        en: "the checkpoint is of another network",
        ru: "контрольная точка — от другой сети",
    }
    scores_impossible(why) {
        en: "the predictions cannot be scored: {why}",
        ru: "предсказания нельзя оценить: {why}",
    }
    landscape_no_rows() {
        en: "there are no rows to take the loss over; ask for at least one with --rows",
        ru: "нет строк, по которым брать потерю; попросите хотя бы одну флагом --rows",
    }
    rows_unwritten() { en: "the rows cannot be written", ru: "строки не удаётся записать" }

    // Networks that restore pictures.
    restores_none() {
        en: "the network restores no pictures; train one with --task denoise or --task upscale",
        ru: "эта сеть картинки не восстанавливает; обучите такую: --task denoise или --task upscale",
    }
    picture_empty() { en: "the picture has no pixels", ru: "в картинке нет пикселей" }
    picture_too_small(name, height, width, factor) {
        en: "{name}: the picture has {height} × {width} pixels, too few to reduce by {factor}",
        ru: "{name}: размер картинки {height} × {width}, уменьшать в {factor} раза некуда",
    }
    restores_other_size(got, want) {
        en: "the network makes {got} of a patch, expected {want}; let every layer keep the size, as conv2d with padding=same does",
        ru: "сеть делает из вырезки {got}, ожидалось {want}; пусть каждый слой сохраняет размер, как conv2d с padding=same",
    }
    restores_unknown_layer(layer) {
        en: "`{layer}` cannot stand in a network that restores pictures, which is applied in tiles: every layer must see a known distance far and keep the size; conv2d with stride 1 and padding=same, activations, batch_norm, residual, upsample and pixel_shuffle do",
        ru: "`{layer}` не может стоять в сети, которая восстанавливает картинки: её применяют по кускам, и каждый слой должен видеть на известное расстояние и сохранять размер; таковы conv2d с шагом 1 и padding=same, функции активации, batch_norm, residual, upsample и pixel_shuffle",
    }
    restores_conv() {
        en: "a `conv2d` of a network that restores pictures must keep the size: write it with padding=same and without stride",
        ru: "`conv2d` в сети, которая восстанавливает картинки, должен сохранять размер: пишите его с padding=same и без stride",
    }

    // Memory.
    memory_short(what, needed, free, cure) {
        en: "memory: {what} need {needed}, and {free} are free; {cure}",
        ru: "память: {what}: нужно {needed}, а свободно {free}; {cure}",
    }
    memory_weights() { en: "the weights", ru: "веса" }
    memory_states(name, shape) {
        en: "the weights and what the optimizer keeps (most of all `{name}`, {shape})",
        ru: "веса и то, что хранит метод (больше всего `{name}`, {shape})",
    }
    memory_batch(rows) { en: "{rows} examples at once", ru: "примеры, взятые сразу ({rows})" }
    memory_copies() {
        en: "copies of the weights and what the optimizer keeps",
        ru: "копии весов и того, что хранит метод",
    }
    cure_memory_layers() { en: "use narrower or fewer layers", ru: "возьмите слои поуже или меньше слоёв" }
    cure_memory_batch() {
        en: "use a smaller batch or narrower layers",
        ru: "возьмите меньше примеров за шаг или слои поуже",
    }
    cure_memory_narrower() { en: "use narrower layers", ru: "возьмите слои поуже" }

    // Where a value first stopped being a number.
    bad_step() { en: "the step", ru: "шаг" }
    bad_first(value, scope, kernel) {
        en: "the first bad value is {value} in {scope} ({kernel})",
        ru: "первое негодное значение — {value}, место: {scope} ({kernel})",
    }
    bad_row(first, row) { en: "{first}, row {row} of the batch", ru: "{first}, строка пакета {row}" }
    bad_data() {
        en: "the data contain a value that is not a number; correct the row or skip it",
        ru: "в данных есть значение, которое не число; исправьте строку или пропустите её",
    }
    bad_loss() {
        en: "the outputs grew too large for the loss; lower the learning rate, or clip gradients with clip_norm = 1",
        ru: "выходы стали слишком велики для потери; уменьшите скорость обучения или ограничьте градиенты: clip_norm = 1",
    }
    bad_update() {
        en: "the update overflowed; lower the learning rate, or clip gradients with clip_norm = 1",
        ru: "обновление вышло за пределы чисел; уменьшите скорость обучения или ограничьте градиенты: clip_norm = 1",
    }
    bad_activations() {
        en: "the weights or activations grew too large; lower the learning rate, clip gradients with clip_norm = 1, or add normalization",
        ru: "веса или активации стали слишком велики; уменьшите скорость обучения, ограничьте градиенты (clip_norm = 1) или добавьте нормализацию",
    }

    // Training.
    train_not_kept(why) {
        en: "saving a checkpoint: {why}",
        ru: "сохранение контрольной точки: {why}",
    }
    train_mismatch(why) {
        en: "the checkpoint does not fit this experiment: {why}",
        ru: "контрольная точка не подходит к этим настройкам: {why}",
    }
    checkpoints_unusable(path, why) {
        en: "cannot use the checkpoints in {path}: {why}",
        ru: "не удаётся взять контрольные точки из {path}: {why}",
    }
    checkpoint_not_saved(path, why, cure) {
        en: "cannot save the checkpoint {path}: {why}; the checkpoint before it is untouched{cure}",
        ru: "не удаётся сохранить контрольную точку {path}: {why}; прежняя цела{cure}",
    }
    checkpoint_newer(path, format, known) {
        en: "checkpoint {path} has format {format}, this version of spusk reads up to {known}; update spusk to go on",
        ru: "у контрольной точки {path} формат {format}, а эта версия spusk читает до {known}; чтобы продолжить, обновите spusk",
    }
    checkpoints_damaged(list, experiment) {
        en: "none of the checkpoints can be used: {list}; train anew with the same settings: spusk train {experiment} --out ANOTHER",
        ru: "ни одну контрольную точку взять нельзя: {list}; обучите заново с теми же настройками: spusk train {experiment} --out ANOTHER",
    }
}
