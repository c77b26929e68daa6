//! A training: what is chosen, how it goes, how it ends.

messages! {
    // What was chosen, and why.
    chosen_network(network) { en: "network: {network}, the usual one for the task", ru: "сеть: `{network}`, обычная для такой задачи" }
    chosen_autoencoder(network) {
        en: "network: {network}, the usual one for an autoencoder",
        ru: "сеть: `{network}`, обычная для автокодировщика",
    }
    chosen_by_rows(network, rows) {
        en: "network: {network}, the usual one for {rows} rows",
        ru: "сеть: `{network}`, обычная при таком числе строк ({rows})",
    }
    chosen_for_pictures(network, size) {
        en: "network: {network}, the usual one for pictures of {size} pixels",
        ru: "сеть: `{network}`, обычная для картинок {size} точек",
    }
    chosen_lower_rate(rate) {
        en: "learning rate {rate}: less than won the race, as a whole training of a network with dropout bears less than a short one",
        ru: "скорость обучения {rate}: меньше победившей, так как долгое обучение сети с прореживанием выносит меньше, чем короткое",
    }
    chosen_textcnn(length, vocabulary) {
        en: "network: textcnn, since a column holds texts (up to {length} tokens of {vocabulary} different ones); it learns which short phrases tell the classes apart",
        ru: "сеть: textcnn, ведь в столбце тексты (до {length} токенов, различных {vocabulary}); она учится, какие короткие сочетания различают классы",
    }
    chosen_by_folds(network, all, folds, losses, tolerance) {
        en: "network: {network} of {all} compared by {folds}-fold cross-validation (loss: {losses}); the simplest within {tolerance} standard errors of the best",
        ru: "сеть: `{network}` из {all}, сравнённых перекрёстной проверкой (частей {folds}; потери: {losses}); простейшая в пределах {tolerance} стандартной ошибки от лучшей",
    }
    chosen_length(steps, decay, mean, error, combinations) {
        en: "about {steps} steps with weight decay {decay}: the least cross-validated loss ({mean} ± {error}) of {combinations}",
        ru: "шагов около {steps}, weight_decay {decay}: наименьшая потеря при перекрёстной проверке ({mean} ± {error}), сочетаний: {combinations}",
    }
    chosen_own_decay() { en: "the optimizer's own", ru: "собственный у метода" }
    chosen_folds_rate(rate, losses) {
        en: "learning rate {rate}: the least cross-validated loss ({losses})",
        ru: "шаг {rate}: наименьшая потеря при перекрёстной проверке ({losses})",
    }
    chosen_took(steps, share, all) {
        en: "these choices took {steps}, {share} of the training's {all}",
        ru: "на выбор ушло шагов: {steps}, это {share} от обучения ({all})",
    }
    chosen_too_short(network, steps) {
        en: "network: {network}, the usual one; a training of {steps} steps is too short to compare networks by",
        ru: "сеть: `{network}`, обычная; обучение из {steps} шагов слишком коротко, чтобы сравнивать сети",
    }
    chosen_code(layer) {
        en: "the code is the output of `{layer}`, the narrowest layer; the layer `code` marks another",
        ru: "код — выход самого узкого слоя `{layer}`; другой отмечается слоем `code`",
    }
    chosen_watched(rows) {
        en: "the {rows} validation rows are too few to choose an epoch by; they are only watched, and the last weights are kept",
        ru: "проверочных строк ({rows}) мало, чтобы выбирать по ним эпоху; за ними только следят, сохраняются последние веса",
    }
    chosen_length_stays(rows) {
        en: "cross-validation has chosen the length of the training, so the last weights are kept; the {rows} validation rows are only watched (early_stopping = true keeps the epoch that is best on them)",
        ru: "длину обучения выбрала перекрёстная проверка, поэтому сохраняются последние веса; за проверочными строками ({rows}) только следят (early_stopping = true сохранит лучшую на них эпоху)",
    }
    chosen_by_few(rows) {
        en: "the best epoch is chosen by only {rows} validation rows, so chance has a say in it; early_stopping = false keeps the last weights",
        ru: "лучшая эпоха выбирается лишь по {rows} проверочным строкам, так что решает и случай; early_stopping = false сохранит последние веса",
    }
    chosen_straight_through() {
        en: "the threshold neuron is a step, which has no slope to descend, so it trains with a straight-through gradient: the slope ½ of a line where its input is between −1 and 1, else 0",
        ru: "пороговый нейрон — ступенька, у неё нет наклона для спуска, поэтому он учится со сквозным градиентом: наклон ½, как у прямой, где вход между −1 и 1, иначе 0",
    }
    chosen_text_rate(rate) {
        en: "learning rate {rate}: thrice the optimizer's own, as usual for texts",
        ru: "шаг {rate}: втрое больше обычного для метода, как принято для текстов",
    }
    chosen_late() {
        en: "half of the time limit was over before all candidates were compared",
        ru: "половина отведённого времени вышла раньше, чем сравнили всех кандидатов",
    }
    rate_range(seeds, bound) {
        en: "learning rate: a range test with {seeds} shows the loss lowest near {bound} and worse beyond",
        ru: "шаг: по пробе шагов (запусков: {seeds}) потеря ниже всего около {bound}, дальше хуже",
    }
    rate_race(rate, within, lap, on, losses) {
        en: "learning rate {rate}: the smallest within {within} of the best in a race over {lap} steps each (loss on {on}: {losses})",
        ru: "шаг {rate}: наименьший не хуже лучшего более чем на {within} в гонке по {lap} шагов (потери {on}: {losses})",
    }
    rate_unlearned(rate, lap, on, losses, untrained) {
        en: "learning rate {rate}: the best in a race over {lap} steps each, in which none learned much (loss on {on}: {losses}; untrained {untrained}), so a smaller one that is about as good is not preferred",
        ru: "шаг {rate}: лучший в гонке по {lap} шагов, в которой никто не научился многому (потери {on}: {losses}; без обучения {untrained}), так что меньший и почти такой же не предпочтён",
    }
    rate_took(steps, share, all) {
        en: "; {steps} in all, {share} of the training's {all}",
        ru: "; всего шагов {steps}, это {share} от обучения ({all})",
    }
    rate_on_held() { en: "held-out examples", ru: "на отложенных примерах" }
    rate_on_training() { en: "the training examples", ru: "на обучающих примерах" }
    rate_too_short(rate, steps, least) {
        en: "learning rate {rate}: the optimizer's usual one; to compare others would take {least} steps, more than the training's {steps}",
        ru: "шаг {rate}: обычный для метода; сравнение других заняло бы шагов {least}, больше самого обучения ({steps})",
    }
    rate_usual(rate) {
        en: "learning rate {rate}: the optimizer's usual one; there was no time to compare more",
        ru: "шаг {rate}: обычный для метода; сравнивать дальше не было времени",
    }
    seed_number(number) { en: "seed {number}", ru: "запуск {number}" }
    correction_uncompared(rate, what, why) {
        en: "learning rate {rate}: {what}, since {why}",
        ru: "шаг {rate}: {what}, ведь {why}",
    }
    correction_tenth() { en: "a tenth of the usual one", ru: "десятая часть обычного" }
    correction_usual() { en: "the usual one", ru: "обычный" }
    correction_no_part() { en: "no later part is there to choose by", ru: "нет более поздней части, чтобы выбирать" }
    correction_no_time() { en: "there was no time to compare more", ru: "сравнивать не было времени" }
    correction_forecast(rate, lap, losses, start) {
        en: "learning rate {rate}: trainings of {lap} steps compared on the validation part (loss: {losses}), where the linear forecast has {start}",
        ru: "шаг {rate}: сравнены обучения по {lap} шагов на проверочной части (потери: {losses}), где у линейного прогноза {start}",
    }
    correction_picture(rate, lap, losses, start) {
        en: "learning rate {rate}: trainings of {lap} steps compared on the validation part (loss: {losses}), which without a network is {start}",
        ru: "шаг {rate}: сравнены обучения по {lap} шагов на проверочной части (потери: {losses}), без сети потеря {start}",
    }
    correction_small() {
        en: "; none improves on it there, so the correction stays small",
        ru: "; ни одно не лучше, поэтому поправка остаётся малой",
    }
    share_left_out() {
        en: "the correction is left out: the validation part is too small to show that it helps, so the forecast is that which the network started from; name a network with --model to keep it",
        ru: "поправка отброшена: проверочная часть слишком мала, чтобы показать её пользу, и прогноз — тот, с которого сеть начинала; чтобы её сохранить, назовите сеть через --model",
    }
    share_kept(share, losses) {
        en: "{share} of the correction is kept: on the validation part the loss is {losses}",
        ru: "сохранена доля поправки {share}: на проверочной части потери {losses}",
    }
    apart_speed(parts, threads, steps, beside, one, all, factor) {
        en: "{parts} parts on {threads} threads: {steps} steps each take {beside} s side by side, a thread each; one after another {one} s on one thread, {all} s on all threads: {factor} times as fast as the faster of these",
        ru: "частей {parts}, потоков {threads}: по {steps} шагов рядом, каждая в своём потоке, — {beside} с; по очереди {one} с в одном потоке и {all} с во всех: в {factor} раза быстрее лучшего из этого",
    }
    apart_part(number, all, loss) {
        en: "part {number} of {all}: training loss {loss}",
        ru: "часть {number} из {all}: потеря на обучении {loss}",
    }
    loss_unfit(loss, task, fitting) {
        en: "the loss `{loss}` does not fit {task}; name another with --loss: {fitting}",
        ru: "потеря `{loss}` не подходит: {task}; назовите другую через --loss: {fitting}",
    }
    task_of_classes(classes) { en: "{classes} classes to tell apart", ru: "нужно различать классы (их {classes})" }
    task_of_numbers() { en: "numbers to predict", ru: "нужно предсказывать числа" }
    not_watched(why) { en: "the training is not watched: {why}", ru: "за обучением не следят: {why}" }
    data_lost(source, folder, run) {
        en: "{source}: the data of this run are not there any more, neither from here nor from {folder} where it began nor beside {run}; name them with --data",
        ru: "{source}: данных этого обучения больше нет ни отсюда, ни из каталога {folder}, где оно началось, ни рядом с {run}; назовите их через --data",
    }
    resumed_from_nothing() {
        en: "the run has no checkpoint yet, so it starts from the beginning",
        ru: "снимков ещё нет, поэтому обучение начинается сначала",
    }
    resumed_at_the_end(done, asked) {
        en: "the run has {done} epochs already and {asked} are asked for, so nothing is left to train; a larger --epochs goes on",
        ru: "пройдено эпох уже {done}, а просят {asked}, так что учить больше нечего; продолжит --epochs побольше",
    }
    train_is_a_run(run) {
        en: "{run} is a run; to go on with it, say --resume {run}, to train anew with its settings, name {run}/experiment.toml",
        ru: "{run} — каталог обучения; чтобы продолжить его, скажите --resume {run}, чтобы учить заново с теми же настройками, назовите {run}/experiment.toml",
    }
    weights_from(file) { en: "weights start from {file}", ru: "начальные веса — из {file}" }
    checkpoint_damaged(file, why) {
        en: "checkpoint {file} is damaged ({why}); the one before it is used",
        ru: "снимок {file} повреждён ({why}); взят предыдущий",
    }
    metrics_shortened(lost) {
        en: "metrics.jsonl was changed from outside: {lost} bytes before the checkpoint are lost",
        ru: "metrics.jsonl изменён извне: до снимка пропало байтов: {lost}",
    }

    // How it goes.
    train_reading() { en: "reading the data", ru: "чтение данных" }
    train_choosing() { en: "choosing what was not given", ru: "выбор того, что не задано" }
    train_going_on(epoch, step) { en: "going on after epoch {epoch}, step {step}", ru: "продолжаем после эпохи {epoch}, шага {step}" }
    train_task(task, why) { en: "task  {task}, because {why}", ru: "задача  {task}: {why}" }
    train_rows(account) { en: "rows  {account}", ru: "строки  {account}" }
    train_more_columns(more) { en: "and {more} more columns", ru: "и ещё столбцов: {more}" }
    train_settings(loss, optimizer, rate, schedule) {
        en: "loss {loss}, optimizer {optimizer}, learning rate {rate}, schedule {schedule}",
        ru: "потеря {loss}, метод {optimizer}, шаг {rate}, расписание {schedule}",
    }
    train_batches(batch, epochs, steps, seed) {
        en: "batches of {batch}, at most {epochs} epochs ({steps} steps), seed {seed}",
        ru: "пачки по {batch}, эпох не больше {epochs} (шагов {steps}), seed {seed}",
    }
    train_step(flop, kernels, memory, state, threads, level) {
        en: "a step: {flop} in {kernels} kernels, {memory} of memory beside {state} of state; {threads}, {level}",
        ru: "шаг: {flop}, ядер {kernels}, памяти {memory} и {state} состояния; потоков {threads}, {level}",
    }
    none_word() { en: "none", ru: "нет" }
    train_progress(epoch, epochs, loss) { en: "epoch {epoch} of {epochs}, loss {loss}", ru: "эпоха {epoch} из {epochs}, потеря {loss}" }
    train_progress_validation(loss) { en: ", validation {loss}", ru: ", проверка {loss}" }
    train_progress_speed(examples, left) {
        en: ", {examples} examples/s, at most {left} left",
        ru: ", примеров/с: {examples}, осталось не больше {left}",
    }
    head_train_loss() { en: "train loss", ru: "обучение" }
    head_time() { en: "time", ru: "время" }
    best_word() { en: "best", ru: "лучшая" }

    // How it ends.
    train_done(epochs) { en: "{epochs} done", ru: "пройдено эпох: {epochs}" }
    train_stopped(epochs) {
        en: "stopped after {epochs} epochs: the validation loss no longer fell",
        ru: "остановлено после эпохи {epochs}: потеря на проверке больше не падала",
    }
    train_short_steps(epochs) {
        en: "stopped in epoch {epochs}: because steps became short, not because a minimum is near",
        ru: "остановлено в эпохе {epochs}: потому, что шаги стали короткими, а не потому, что рядом минимум",
    }
    train_time_up(epochs) {
        en: "stopped in epoch {epochs}: the time was up",
        ru: "остановлено в эпохе {epochs}: вышло время",
    }
    train_kept(why, epoch, loss) {
        en: "{why}; kept: epoch {epoch}, validation loss {loss}",
        ru: "{why}; сохранена эпоха {epoch}, потеря на проверке {loss}",
    }
    train_last_kept(why) { en: "{why}; the last weights are kept", ru: "{why}; сохранены последние веса" }
    train_interrupted(epochs) {
        en: "stopped after {epochs}; everything is saved, and predict, evaluate, describe and export use the weights so far",
        ru: "остановлено, пройдено эпох: {epochs}; всё сохранено, а predict, evaluate, describe и export берут нынешние веса",
    }
    weights_so_far_best(epochs, best, run) {
        en: "training was stopped after epoch {epochs} and is not over; these are its best weights so far, of epoch {best}. Go on: spusk train --resume {run}",
        ru: "обучение остановлено после эпохи {epochs} и не закончено; это лучшие из его весов, эпохи {best}. Продолжить: spusk train --resume {run}",
    }
    weights_so_far(epochs, run) {
        en: "training was stopped after epoch {epochs} and is not over; these are its weights so far. Go on: spusk train --resume {run}",
        ru: "обучение остановлено после эпохи {epochs} и не закончено; это его нынешние веса. Продолжить: spusk train --resume {run}",
    }
    train_nothing_saved() {
        en: "stopped before training began; nothing was saved",
        ru: "остановлено до начала обучения; ничего не сохранено",
    }
    train_go_on(command) { en: "go on: {command}", ru: "продолжить: {command}" }
    train_no_test() { en: "there is no test part", ru: "тестовой части нет" }
    train_run() { en: "run", ru: "запуск" }
    train_report() { en: "report", ru: "отчёт" }
    train_next() { en: "next", ru: "дальше" }
    together_word() { en: "together", ru: "вместе" }
    cure_word(what, cure) { en: "{what}. Cure: {cure}.", ru: "{what}. Что делать: {cure}." }
}
