//! The diagnosis: what a rule is about, what it found, what helps; what the doctor says around it.

messages! {
    // Diagnosis: what a rule is about, what it found, what helps.
    doctor_title_not_finite() { en: "a value is not finite", ru: "появилось NaN или бесконечность" }
    doctor_not_finite(place, step, rate) {
        en: "the first value that is not finite was born in {place}, at step {step} with learning rate {rate}",
        ru: "первое число, которое не конечно, родилось здесь: {place}, на шаге {step} при learning_rate {rate}",
    }
    doctor_not_finite_cure(rate) {
        en: "take smaller steps: learning_rate = {rate}; or cut long gradients with clip_norm = 1",
        ru: "шагайте мельче: learning_rate = {rate}; или укоротите длинные градиенты: clip_norm = 1",
    }
    doctor_not_finite_data() {
        en: "the data themselves hold it: correct that row, or leave it out",
        ru: "оно стоит в самих данных: исправьте эту строку или уберите её",
    }
    doctor_title_step_too_wide() { en: "the step is too wide", ru: "шаг слишком широк" }
    doctor_step_too_wide_sharp(ratio, sharpness, limit) {
        en: "the step is about {ratio} times as wide as the valley allows (sharpness {sharpness}, limit {limit}) and the loss does not fall",
        ru: "шаг примерно в {ratio} раза шире, чем позволяет овраг (кривизна {sharpness}, предел {limit}), и потери не падают",
    }
    doctor_step_too_wide(ratio) {
        en: "steps overshoot: half of their curvature is {ratio} times the fall that the gradient promises, above 1 they lead uphill; the loss does not fall",
        ru: "шаги перелетают: половина кривизны вдоль них в {ratio} раза больше обещанного градиентом спуска, а больше 1 — это подъём; потери не падают",
    }
    doctor_step_too_wide_cure(rate) {
        en: "take smaller steps: learning_rate = {rate}",
        ru: "шагайте мельче: learning_rate = {rate}",
    }
    doctor_title_step_too_narrow() { en: "the step is too narrow", ru: "шаг слишком узок" }
    doctor_step_too_narrow(times) {
        en: "the curvature would bear steps about {times} times as wide, and the loss is still high",
        ru: "кривизна выдержала бы шаги примерно в {times} раз шире, а потери ещё велики",
    }
    doctor_step_too_narrow_cure(rate) {
        en: "take wider steps: learning_rate = {rate}",
        ru: "шагайте шире: learning_rate = {rate}",
    }
    doctor_title_small_updates() { en: "a layer barely moves", ru: "слой почти не движется" }
    doctor_small_updates(place, ratio) {
        en: "a step changes the weights of {place} by {ratio} of their size (usual is about 1e-3), and the loss is still high",
        ru: "шаг меняет веса слоя {place} лишь на {ratio} их величины (обычно около 1e-3), а потери ещё велики",
    }
    doctor_small_updates_cure(rate) {
        en: "take wider steps: learning_rate = {rate}; smaller initial weights help, too",
        ru: "шагайте шире: learning_rate = {rate}; помогут и начальные веса поменьше",
    }
    doctor_title_large_updates() { en: "a layer is thrown about", ru: "слой бросает из стороны в сторону" }
    doctor_large_updates(place, ratio) {
        en: "a step changes the weights of {place} by {ratio} of their size (usual is about 0.1%): what was learned is overwritten",
        ru: "шаг меняет веса слоя {place} на {ratio} их величины (обычно около 0,1%): выученное затирается",
    }
    doctor_large_updates_cure(rate) {
        en: "take smaller steps: learning_rate = {rate}",
        ru: "шагайте мельче: learning_rate = {rate}",
    }
    doctor_title_vanishing_gradient() { en: "the gradient vanishes", ru: "градиент затухает" }
    doctor_vanishing_gradient(place, times) {
        en: "on its way to {place} the gradient becomes {times} times weaker than at the output, each beside its weights",
        ru: "по пути к {place} градиент слабеет в {times} раз против выхода, если мерить весами слоёв",
    }
    doctor_vanishing_gradient_cure() {
        en: "use relu in place of sigmoid or tanh, or residual blocks, or layer_norm; fewer layers, if they are not needed",
        ru: "возьмите relu вместо sigmoid и tanh, или residual, или layer_norm; или меньше слоёв, если столько не нужно",
    }
    doctor_title_exploding_signal() { en: "signals explode", ru: "сигналы взрываются" }
    doctor_exploding_signal(place, times) {
        en: "signals or gradients grow {times} times between the first layer and {place}",
        ru: "сигналы или градиенты растут в {times} раз между первым слоем и {place}",
    }
    doctor_exploding_signal_cure() {
        en: "add layer_norm behind the layers of weights, use the usual initial weights (init = auto), or clip_norm = 1",
        ru: "поставьте layer_norm за слоями с весами, возьмите обычные начальные веса (init = auto) или clip_norm = 1",
    }
    doctor_title_dead_relu() { en: "rectifiers are dead", ru: "нейроны с ReLU мертвы" }
    doctor_dead_relu(place, dead, units) {
        en: "{dead} of {units} neurons of {place} are 0 on every example, so they learn no more",
        ru: "нейронов слоя {place}, дающих 0 на любом примере: {dead} из {units}; они больше не учатся",
    }
    doctor_dead_relu_cure() {
        en: "use leaky_relu, lower the learning rate, or begin with the usual weights",
        ru: "возьмите leaky_relu, уменьшите learning_rate или начните с обычных весов",
    }
    doctor_title_saturation() { en: "neurons are saturated", ru: "нейроны насыщены" }
    doctor_saturation(place, share) {
        en: "{share} of what {place} puts out lies in its flat tails, where no gradient passes",
        ru: "в плоских хвостах, где градиент не проходит, лежит {share} того, что даёт слой {place}",
    }
    doctor_saturation_cure() {
        en: "standardize the inputs, begin with smaller weights (init = auto), or use relu",
        ru: "приведите входы к одному масштабу (standardize), начните с меньших весов (init = auto) или возьмите relu",
    }
    doctor_title_clones() { en: "neurons are copies of each other", ru: "нейроны — копии друг друга" }
    doctor_clones(place, share) {
        en: "{share} of the neurons of {place} are copies of others: an equal start, so they can only change alike",
        ru: "в слое {place} копий других нейронов: {share}; при одинаковом начале они могут меняться лишь одинаково",
    }
    doctor_clones_cure() {
        en: "begin with random weights: init = auto",
        ru: "начните со случайных весов: init = auto",
    }
    doctor_title_bad_start() { en: "a bad start", ru: "плохое начало" }
    doctor_bad_start(loss, zero, times) {
        en: "the first loss is {loss}, {times} times that of a network that puts out 0 ({zero}), and the first steps did not mend it: the initial weights or the inputs are too large",
        ru: "первые потери {loss}, в {times} раз больше, чем у сети, которая выдаёт 0 ({zero}), и первые шаги этого не исправили: велики начальные веса или входы",
    }
    doctor_bad_start_cure() {
        en: "begin with the usual weights (init = auto) and standardized inputs",
        ru: "начните с обычных весов (init = auto) и приведите входы к одному масштабу (standardize)",
    }
    doctor_title_unscaled_inputs() { en: "inputs are not scaled", ru: "входы разного масштаба" }
    doctor_unscaled_inputs(place, rms, ratio) {
        en: "input {place} has magnitude {rms}, and the widest input is spread {ratio} times as much as the median one",
        ru: "величина входа {place} — {rms}, а самый размашистый вход разбросан в {ratio} раз сильнее среднего",
    }
    doctor_unscaled_inputs_cure() {
        en: "standardize = true brings every input to mean 0 and standard deviation 1",
        ru: "standardize = true приведёт каждый вход к среднему 0 и отклонению 1",
    }
    doctor_title_noisy_gradient() { en: "noise keeps the loss up", ru: "шум не даёт потерям падать" }
    doctor_noisy_gradient(batch, share) {
        en: "the loss no longer falls, and about {share} of it is what the noise of batches of {batch} adds",
        ru: "потери больше не падают, и около {share} их добавляет шум пачек по {batch}",
    }
    doctor_noisy_gradient_cure(batch) {
        en: "average more examples: batch_size = {batch}, or lower the learning rate",
        ru: "усредняйте больше примеров: batch_size = {batch}, или уменьшите learning_rate",
    }
    doctor_title_wasteful_batch() { en: "the batch is wastefully large", ru: "пачка расточительно велика" }
    doctor_wasteful_batch(batch, scale) {
        en: "batches of {batch} are far above the noise scale of about {scale}: more examples hardly change the gradient",
        ru: "пачки по {batch} намного больше масштаба шума, около {scale}: лишние примеры почти не меняют градиент",
    }
    doctor_wasteful_batch_cure(batch) {
        en: "take more, smaller steps for the same work: batch_size = {batch}",
        ru: "делайте за ту же работу больше мелких шагов: batch_size = {batch}",
    }
    doctor_title_overfitting() { en: "it learns by heart", ru: "сеть заучивает примеры" }
    doctor_overfitting(epoch, more) {
        en: "since epoch {epoch} the validation loss has risen by {more} while the training loss fell",
        ru: "с эпохи {epoch} потери на проверочной части выросли на {more}, а на обучающей падали",
    }
    doctor_overfitting_cure(epoch) {
        en: "stop at epoch {epoch} (early_stopping = true does it), or use dropout, weight_decay or more data",
        ru: "остановитесь на эпохе {epoch} (early_stopping = true), или возьмите dropout, weight_decay или больше данных",
    }
    doctor_overfitting_kept(epoch) {
        en: "the weights of epoch {epoch} are the ones that are kept; fewer epochs, dropout or weight_decay would save the time",
        ru: "хранятся веса эпохи {epoch}; меньше эпох, dropout или weight_decay сберегли бы время",
    }
    doctor_title_stuck() { en: "it is stuck", ru: "обучение застряло" }
    doctor_stuck(share) {
        en: "the loss is {share} of that of a constant prediction and no longer falls: a plateau, or nothing that can be learned",
        ru: "потери — {share} от потерь постоянного ответа и больше не падают: плато, или учить нечего",
    }
    doctor_stuck_saddle(share, way) {
        en: "the loss is {share} of that of a constant prediction, at a saddle: one direction bends down, {way} as much as the steepest bends up",
        ru: "потери — {share} от потерь постоянного ответа, и это седло: одно направление загибается вниз, {way} от самого крутого подъёма",
    }
    doctor_stuck_cure() {
        en: "begin with other random weights (init = auto, another seed), another step, wider or narrower, or another activation; if nothing helps, look at the data",
        ru: "начните с других случайных весов (init = auto, другой seed), с другого шага, шире или уже, или с другой активации; не поможет — смотрите на данные",
    }

    // The doctor: what is said around the findings.
    doctor_warning(title, meaning) { en: "warning: {title}: {meaning}", ru: "предупреждение: {title}: {meaning}" }
    doctor_cure(cure) { en: "cure: {cure}", ru: "что делать: {cure}" }
    doctor_examined(run, steps, rows) {
        en: "{run}: its first {steps} steps replayed, {rows} training examples looked at",
        ru: "{run}: первые шаги ({steps}) повторены, просмотрено обучающих примеров: {rows}",
    }
    doctor_no_checkpoint() {
        en: "the run has no checkpoint that fits, so only its start is examined",
        ru: "подходящего снимка у запуска нет, поэтому осмотрено только его начало",
    }
    doctor_apart() {
        en: "the parts of this network are trained apart, each as a training of its own; train it with train=joint to examine it",
        ru: "части этой сети обучаются порознь, каждая своим обучением; чтобы её осмотреть, обучите её с train=joint",
    }
    doctor_healthy() { en: "No rule fires.", ru: "Ни одно правило не сработало." }
    doctor_measured(value, threshold) {
        en: "measured {value}, threshold {threshold}",
        ru: "измерено {value}, порог {threshold}",
    }
    doctor_edge() {
        en: "it hovers at the edge of stability, and the loss falls: normal",
        ru: "она держится у края устойчивости, и потери падают: это нормально",
    }
    doctor_sharpness(step, sharpness, deviation, limit, ratio) {
        en: "sharpness at step {step}: {sharpness} ± {deviation}, limit {limit}, ratio {ratio}",
        ru: "кривизна на шаге {step}: {sharpness} ± {deviation}, предел {limit}, отношение {ratio}",
    }
    doctor_noise(scale, batch) {
        en: "noise scale about {scale} examples, the batch has {batch}",
        ru: "масштаб шума около {scale} примеров, в пачке {batch}",
    }
    doctor_trials(steps) {
        en: "The cures, tested on forks of the run for {steps} steps each:",
        ru: "Лечение, проверенное на ответвлениях запуска, шагов в каждом: {steps}",
    }
    doctor_trial_header() {
        en: "change | from step | training loss | with the cure | validation loss | with the cure",
        ru: "что меняется | с шага | потери на обучающей | с лечением | на проверочной | с лечением",
    }
    doctor_helps() { en: "helps", ru: "помогает" }
    doctor_no_help() { en: "does not help", ru: "не помогает" }
    doctor_trial_failed(why) { en: "could not be tested: {why}", ru: "проверить не удалось: {why}" }
    doctor_diverged() { en: "diverged", ru: "расходится" }
}
